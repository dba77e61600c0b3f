"""How one bar's accents are drawn: kick and snare masks from the fitted drum model, under the style's rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.chain.sampler import Sampler, Step, markov_states
from engine.models.drums import KICK, SNARE, Drums
from engine.models.memory import Memory
from engine.models.strokes import AGREED, FEET, NONE, ONE, PERIODS, TWO, Traits, echo
from engine.stream import Stream

Ints = NDArray[np.int64]

FACTOR = 16  # a rule's factor that changes nothing; 256 is the most the sampler takes
_AFTER, _ = markov_states(4, 2)
_EVENTS = np.arange(FEET, dtype=np.int64)
_SLOTS = np.arange(16, dtype=np.int64)[:, None]


class Accents(NamedTuple):
    """The accents of a bar: bit i of a mask is slot i."""

    kick: int
    snare: int


class Beat(NamedTuple):
    """A bar of a groove before fills: its hidden state, and its kick and snare as masks."""

    state: int
    kick: int
    snare: int


def factor(percent: int) -> int:
    """Return a rule's percentage as a factor of the sampler: 100 is FACTOR, at most 1600."""
    return min(max(percent * FACTOR // 100, 0), 256)


def mask(slots: Iterable[int]) -> int:
    """Return the mask of some slots.

    >>> mask((0, 4))
    17
    """
    found = 0
    for slot in slots:
        found |= 1 << slot
    return found


def slots_of(bits: int) -> tuple[int, ...]:
    """Return the slots of a mask, in order.

    >>> slots_of(17)
    (0, 4)
    """
    return tuple(slot for slot in range(bits.bit_length()) if bits >> slot & 1)


def pulled(kick: Ints, snare: Ints) -> Ints:
    """Return a factor for each slot and foot symbol from the factors of a kick and of a snare, shape (16, 4)."""
    plain = np.full_like(kick, FACTOR)
    return np.stack([plain * FACTOR, kick * FACTOR, snare * FACTOR, kick * snare], axis=1) // FACTOR


class Place(NamedTuple):
    """Where a bar stands: what the song is like, the hidden state, the class of the tempo, the bar of the phrase."""

    traits: Traits
    state: int
    pace: int
    phrase: int


def draw_bar(drums: Drums, place: Place, line: Sequence[int], factors: Ints, stream: Stream) -> list[int]:
    """Return the feet (kick 1, snare 2) of a bar's sixteen slots. line: those of all bars before, which it answers.

    factors: shape (16, 4), see ``pulled``.
    """
    columns, after = looks_of(place, line)
    rows = drums.feet_rows.rows(columns, _EVENTS, _remembered(drums, line)) * factors[:, None]
    start = AGREED.size // 2 + (line[-2] * FEET + line[-1] if line else 0)
    return Sampler([Step(weights, then) for weights, then in zip(rows, after, strict=True)], start).draw(stream)


def _remembered(drums: Drums, line: Sequence[int]) -> tuple[Memory, ...]:
    if not line:
        return ()
    events = np.array(line, dtype=np.int64)
    last = np.concatenate([np.zeros(1, dtype=np.int64), events[:-1]])
    return drums.feet.remember({"slot": np.arange(len(line)) % 16, "last": last}, events)


def looks_of(place: Place, line: Sequence[int]) -> tuple[dict[str, Ints], Ints]:
    """Return the columns of a bar's slots under all states of the sampler, and the state after each event."""
    traits, count = place.traits, len(line)
    lag, vary = answered(traits, count)
    old = _before(line, count - lag)
    near = _before(line, count - 16)[2:]
    here, one, two = old[2:], old[1:-1], old[:-2]
    echoed = np.where(here[:, None] == NONE, 0, echo(ONE, TWO, one[:, None], two[:, None]))

    def same(value: int) -> Ints:
        return np.full((1, 1), value, dtype=np.int64)

    columns = {
        "slot": _SLOTS, "beat": _SLOTS % 4, "last": ONE[None], "last2": (TWO * FEET + ONE)[None],
        "kind": same(traits.kind), "state": same(place.state), "old": here[:, None], "near": near[:, None],
        "same": AGREED[None], "echo": echoed, "vary": same(vary), "period": same(traits.period),
        "pace": same(place.pace), "phrase": same(place.phrase),
    }  # fmt: skip
    agrees = AGREED[None, :, None] * (here[:, None] == _EVENTS)[:, None]
    return columns, agrees * (FEET * FEET) + (ONE * FEET)[None, :, None] + _EVENTS


def answered(traits: Traits, count: int) -> tuple[int, int]:
    """Return how many slots before its own a bar finds the one it answers, after ``count`` slots, and how closely."""
    lag = 16 * PERIODS[traits.period]
    return (16, traits.near) if count < lag else (lag, traits.vary)


def _before(line: Sequence[int], first: int) -> Ints:
    """Return 16 slots of a line from ``first`` on, with the two before them; NONE where there are none."""
    found = [line[at] if 0 <= at < len(line) else NONE for at in range(first - 2, first + 16)]
    return np.array(found, dtype=np.int64)


def draw_fill(drums: Drums, first: int, before: Accents, stream: Stream) -> Accents:
    """Return the accents of a fill from slot ``first`` on: the hands' strokes stand in the snare mask."""
    steps = []
    for slot in range(first, 16):
        # It starts with a stroke, so that a fill is heard as one, and runs on into the next bar.
        pull = (0, 0, 16, 16) if slot == first else (5, 5, 24, 24) if slot >= 12 else (16, 16, 24, 24)
        steps.append(Step(drums.fill[slot].reshape(16, 4) * np.array(pull), _AFTER))
    start = 0
    for slot in (first - 2, first - 1):
        start = start * 4 + (KICK * (before.kick >> slot & 1) + SNARE * (before.snare >> slot & 1) if slot >= 0 else 0)
    kick, snare = accents_of(Sampler(steps, start).draw(stream))
    return Accents(kick << first, snare << first)


def accents_of(symbols: Sequence[int]) -> Accents:
    """Return the feet of a bar as accents."""
    kick = mask(slot for slot, symbol in enumerate(symbols) if symbol & KICK)
    return Accents(kick, mask(slot for slot, symbol in enumerate(symbols) if symbol & SNARE))
