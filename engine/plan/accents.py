"""How one bar's accents are drawn: kick and snare masks from the fitted drum model, under the style's rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.chain.sampler import Sampler, Step, markov_states
from engine.chain.watch import About, Stage, Stages, watcher
from engine.models.dense import Dense, weigh
from engine.models.drums import KICK, SNARE, Drums
from engine.models.strokes import AGREED, FEET, FEET_DESIGN, NONE, ONE, PERIODS, TWO, Traits, echo
from engine.stream import Stream

Ints = NDArray[np.int64]

NAMES = ("nothing", "kick", "snare", "kick and snare")  # what foot symbols stand for
FACTOR = 16  # a rule's factor that changes nothing; 256 is the most the sampler takes
_AFTER, _ = markov_states(4, 2)
_EVENTS = np.arange(FEET, dtype=np.int64)
# Experts that look at an older bar, and those that do not.
_ANSWERING = tuple(k for k, view in enumerate(FEET_DESIGN.long) if {"old", "near"} & {*view.columns})
_ALONE = tuple(k for k, view in enumerate(FEET_DESIGN.long) if not {"old", "near"} & {*view.columns})
_SLOTS = np.arange(16, dtype=np.int64)[:, None]
_FOLLOWING = (ONE * FEET)[None, :, None] + _EVENTS


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


@lru_cache(maxsize=4096)
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
    """What the bars of a groove have in common: what the song is like, the hidden state, the class of the tempo."""

    traits: Traits
    state: int
    pace: int


class Context(NamedTuple):
    """All that a bar's feet are drawn from, so that equal contexts share a sampler.

    vary: how closely the bar keeps to the one it answers. old: that one's slots, with the two before them; near: those
    of the bar before this; two, one: the last two slots. NONE where there are none.
    """

    place: Place
    vary: int
    old: tuple[int, ...]
    near: tuple[int, ...]
    two: int
    one: int


def context_of(place: Place, line: Sequence[int]) -> Context:
    """Return the context of the bar that follows a line of feet (kick 1, snare 2)."""
    lag, vary = answered(place.traits, len(line))
    two, one = line[-2:] if line else (0, 0)
    return Context(place, vary, _before(line, len(line) - lag), _before(line, len(line) - 16)[2:], two, one)


def feet_sampler(drums: Drums, context: Context, factors: Ints) -> Sampler:
    """Return all ways to play the feet (kick 1, snare 2) of a bar. factors: shape (16, 4), see ``pulled``."""
    costs, after = looks_of(drums, context)
    rows, told = weigh(costs), Stages()
    told.add("model", rows)
    rows = rows * factors[:, None]
    start = AGREED.size // 2 + context.two * FEET + context.one
    sampler = Sampler([Step(weights, then) for weights, then in zip(rows, after, strict=True)], start)
    if told:
        here, near, echoed = _older(context)
        (traits, state, pace), vary = context.place, context.vary
        columns = _shared(traits.kind, traits.period, state, pace, vary) | {"old": here, "near": near, "echo": echoed}
        views = drums.feet_rows.views(columns, _EVENTS, (), rows.shape)
        sampler.about = About("feet", tuple(range(16)), (NAMES,) * 16, tuple(told.found), views, "groove rules")
    return sampler


def looks_of(drums: Drums, context: Context) -> tuple[Ints, Ints]:
    """Return the costs of a bar's feet under all states of the sampler, shape (16, states, 4), and what follows."""
    (traits, state, pace), vary = context.place, context.vary
    here, near, echoed = _older(context)
    costs = _settled(drums.feet_rows, traits.kind, traits.period, state, pace, vary)
    echoing, beside, following = _answers(drums.feet_rows, traits.kind, traits.period, vary)
    costs = costs + echoing[_SLOTS, here, AGREED, echoed]
    costs += beside[_SLOTS, near, here, AGREED]
    costs += following[_SLOTS, near, AGREED, ONE]
    agrees = AGREED[None, :, None] * (here == _EVENTS)[:, None]
    return costs, agrees * (FEET * FEET) + _FOLLOWING


def _older(context: Context) -> tuple[Ints, Ints, Ints]:
    """Return what stands at each slot of the bar that is answered and of the bar before, and how that one is echoed."""
    old, near = np.array((context.old, (0, 0, *context.near)))
    here, one, two = old[2:, None], old[1:-1, None], old[:-2, None]
    return here, near[2:, None], np.where(here == NONE, 0, echo(ONE, TWO, one, two))


def _shared(kind: int, period: int, state: int, pace: int, vary: int) -> dict[str, Ints]:
    """Return the columns that do not depend on the bars before."""
    same = {"kind": kind, "period": period, "state": state, "pace": pace, "vary": vary}
    return {
        "slot": _SLOTS, "beat": _SLOTS % 4, "last": ONE[None], "last2": (TWO * FEET + ONE)[None], "same": AGREED[None],
        **{name: np.full((1, 1), value, dtype=np.int64) for name, value in same.items()},
    }  # fmt: skip


@lru_cache(maxsize=64)
def _answers(model: Dense, kind: int, period: int, vary: int) -> tuple[Ints, Ints, Ints]:
    """Return what the experts that look at older bars say, so that a bar is looked up and not asked.

    Costs by slot, then: the older slot, has it agreed, how it echoes; the slot of the bar before, the older slot, has
    it agreed; the slot of the bar before, has it agreed, the slot before.
    """

    def axis(size: int, at: int) -> Ints:
        return np.arange(size, dtype=np.int64).reshape([size if k == at else 1 for k in range(4)])

    one = {name: np.full((1,) * 4, value) for name, value in (("kind", kind), ("period", period), ("vary", vary))}
    one |= {"slot": axis(16, 0), "beat": axis(16, 0) % 4}
    old, near = axis(FEET + 1, 1), axis(FEET + 1, 1)
    asked = (
        ({"old", "echo"}, {"old": old, "same": axis(2, 2), "echo": axis(3, 3)}),
        ({"old", "near"}, {"near": near, "old": axis(FEET + 1, 2), "same": axis(2, 3)}),
        ({"near", "last"}, {"near": near, "same": axis(2, 2), "last": axis(FEET, 3)}),
    )
    found = []
    left = list(_ANSWERING)
    for about, columns in asked:
        own = [k for k in left if {"old", "near", "echo", "last"} & {*FEET_DESIGN.long[k].columns} <= about]
        left = [k for k in left if k not in own]
        found.append(model.long(one | columns, _EVENTS, own))
    return found[0], found[1], found[2]


@lru_cache(maxsize=256)
def _settled(model: Dense, kind: int, period: int, state: int, pace: int, vary: int) -> Ints:
    """Return what the experts that do not look at an older bar say, shape (16, states, 4): costs."""
    return model.long(_shared(kind, period, state, pace, vary), _EVENTS, _ALONE)


def answered(traits: Traits, count: int) -> tuple[int, int]:
    """Return how many slots before its own a bar finds the one it answers, after ``count`` slots, and how closely."""
    lag = 16 * PERIODS[traits.period]
    return (16, traits.near) if count < lag else (lag, traits.vary)


def _before(line: Sequence[int], first: int) -> tuple[int, ...]:
    """Return 16 slots of a line from ``first`` on, with the two before them; NONE where there are none."""
    return tuple(line[at] if 0 <= at < len(line) else NONE for at in range(first - 2, first + 16))


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
    sampler = Sampler(steps, start)
    if watcher():
        model = Stage("model", [drums.fill[slot].reshape(16, 4) for slot in range(first, 16)])
        sampler.about = About("fill", tuple(range(first, 16)), (NAMES,) * (16 - first), (model,), (), "fill rules")
    kick, snare = accents_of(sampler.draw(stream))
    return Accents(kick << first, snare << first)


def accents_of(symbols: Sequence[int]) -> Accents:
    """Return the feet of a bar as accents."""
    kick = mask(slot for slot, symbol in enumerate(symbols) if symbol & KICK)
    return Accents(kick, mask(slot for slot, symbol in enumerate(symbols) if symbol & SNARE))
