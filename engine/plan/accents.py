"""How one bar's accents are drawn: kick and snare masks from the fitted drum model, under the style's rules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.chain.sampler import Sampler, Step, markov_states
from engine.models.drums import KICK, RUNS, SNARE, Drums, copied
from engine.stream import Stream

Ints = NDArray[np.int64]

FACTOR = 16  # a rule's factor that changes nothing; 256 is the most the sampler takes
_AFTER, _ = markov_states(4, 2)
_LONGEST = RUNS[-1] + 1  # agreement is counted up to here
_CLASS = np.searchsorted(RUNS, np.arange(_LONGEST + 1))  # its class
_AGREED = np.minimum(np.arange(_LONGEST + 1) + 1, _LONGEST)[:, None, None]  # what it is after one slot more


class Accents(NamedTuple):
    """The accents of a bar: bit i of a mask is slot i."""

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


def draw_bar(drums: Drums, state: int, factors: Ints, stream: Stream) -> Accents:
    """Return a bar of accents of one bar state. factors: shape (16, 4), see ``pulled``."""
    rows = drums.foot[:, state].reshape(16, 16, 4) * factors[:, None]
    return _masks(Sampler([Step(weights, _AFTER) for weights in rows]).draw(stream))


def draw_variation(drums: Drums, state: int, factors: Ints, base: Accents, first: int, stream: Stream) -> Accents:
    """Return a bar that keeps to ``base`` as far as drummers do, and exactly before slot ``first`` (0 or 2 up)."""
    # State: how many slots have agreed with the base (up to _LONGEST), then the two symbols before.
    source = [KICK * (base.kick >> slot & 1) + SNARE * (base.snare >> slot & 1) for slot in range(16)]
    steps = []
    for slot in range(first, 16):
        rows = copied(drums.foot[slot, state].reshape(16, 4), drums.keep_foot, source[slot], 4) * factors[slot]
        after = np.where(np.arange(4) == source[slot], _AGREED, 0) * 16 + _AFTER
        steps.append(Step(rows[_CLASS].reshape(-1, 4), after.reshape(-1, 4)))
    start = min(first, _LONGEST) * 16 + (source[first - 2] * 4 + source[first - 1] if first > 1 else 0)
    rest = _masks(Sampler(steps, start).draw(stream))
    kept = mask(range(first))
    return Accents(base.kick & kept | rest.kick << first, base.snare & kept | rest.snare << first)


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
    kick, snare = _masks(Sampler(steps, start).draw(stream))
    return Accents(kick << first, snare << first)


def _masks(symbols: list[int]) -> Accents:
    kick = mask(slot for slot, symbol in enumerate(symbols) if symbol & KICK)
    return Accents(kick, mask(slot for slot, symbol in enumerate(symbols) if symbol & SNARE))
