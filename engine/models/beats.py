"""Rhythms drawn a beat at a time: one event says which of up to four slots are struck.

A fitted rhythm table gives the cost of an onset at a slot from its context and the last four slots. The
costs of a beat's slots add up, so a beat is one step of the sampler with 16 events, exactly as likely as its slots
one by one. Bit i of an event is slot i of the beat.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.chain.costs import weights
from engine.chain.sampler import Sampler, Step
from engine.chain.watch import About, Stage, watcher
from engine.theory.meter import Meter, common

Ints = NDArray[np.int64]

PAST = 16  # the last four slots as bits, the latest lowest
GROUP = 4  # slots in a beat's step
_BETWEEN = 1536  # cost of an onset between the eighths of a compound metre
_STRUCK = np.arange(1 << GROUP)[:, None] >> np.arange(GROUP) & 1  # the bits of each event


@dataclass(frozen=True, eq=False)
class RhythmTable:
    """Costs of no onset and of an onset, shape (contexts..., 16 past, 2)."""

    costs: Ints


def grid(meter: Meter) -> tuple[int, ...]:
    """Return for each slot of a bar the slot of a 4/4 bar that weighs the same, for tables fitted in 4/4.

    >>> grid(Meter(3, 4))
    (0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15)
    """
    return common(meter)


def beats(slots: int) -> list[range]:
    """Return the slots of a bar in groups of four, the last one shorter where they do not divide.

    >>> beats(6)
    [range(0, 4), range(4, 6)]
    """
    return [range(first, min(first + GROUP, slots)) for first in range(0, slots, GROUP)]


@lru_cache(maxsize=2048)
def beat_step(
    table: RhythmTable,
    contexts: tuple[tuple[int, ...], ...],
    tilt: int = 0,
    wanted: tuple[tuple[int, int], ...] = (),
    must: int = 0,
    barred: int = 0,
    end: bool = False,
    full: bool = True,
) -> Step:
    """Return one beat's step: states are the last four slots, + 16 once the bar has an onset.

    contexts: for each slot of the beat an index into the table. tilt: cost added to every onset (negative: more
    notes). wanted: (bits of slots, cost of leaving one out) pairs; must: bits that have to be
    struck; barred: bits that may not, unless they must. end: the bar
    ends here, and with ``full`` it may not end empty.
    """
    size = len(contexts)
    struck = _STRUCK[: 1 << size]
    cost = np.zeros((PAST, 1 << size), dtype=np.int64)
    for slot, context in enumerate(contexts):
        cost += table.costs[context].take(_folded(size, slot))
    if tilt:
        cost += tilt * struck.sum(axis=1)
    for slots, price in wanted:
        if slots:
            cost += price * (_STRUCK[slots] > struck).sum(axis=1)
    cost -= cost.min(axis=1, keepdims=True)
    weight = weights(cost)
    if must or barred:
        weight *= [not (event & barred & ~must or must & ~event) for event in range(1 << size)]
    both = np.concatenate([weight, weight])
    if end and full:
        both[:PAST, 0] = 0
    return Step(both, _after(size, end))


class Beat(NamedTuple):
    """What a beat's step is asked of: the arguments of ``beat_step``."""

    table: RhythmTable
    contexts: tuple[tuple[int, ...], ...]
    tilt: int = 0
    wanted: tuple[tuple[int, int], ...] = ()
    must: int = 0
    barred: int = 0
    end: bool = False
    full: bool = True


def beat_sampler(asked: Sequence[Beat]) -> Sampler:
    """Return all rhythms of some beats; who watches is told what the table says, then how many notes are wanted."""
    sampler = Sampler([beat_step(*beat) for beat in asked])
    if watcher():
        sizes = [len(beat.contexts) for beat in asked]
        plain = [beat._replace(tilt=0, wanted=(), must=0, barred=0) for beat in asked]
        tilted = [beat._replace(tilt=full.tilt) for beat, full in zip(plain, asked, strict=True)]
        stages = (("model", plain), ("density", tilted))
        sampler.about = About(
            "beat",
            tuple(accumulate(sizes, initial=0))[:-1],
            tuple(map(signs, sizes)),
            tuple(Stage(rule, [beat_step(*beat).weights for beat in beats_]) for rule, beats_ in stages),
        )
    return sampler


@lru_cache(maxsize=8)
def signs(size: int) -> tuple[str, ...]:
    """Return the events of a beat of so many slots: "x.x." strikes its first and third slot."""
    return tuple("".join(".x"[event >> k & 1] for k in range(size)) for event in range(1 << size))


def beat_slots(bars: int, slots: int) -> tuple[int, ...]:
    """Return the first slot of each beat's step of so many bars."""
    return tuple(bar * slots + group[0] for bar in range(bars) for group in beats(slots))


def beat_names(bars: int, slots: int) -> tuple[tuple[str, ...], ...]:
    """Return the events of each beat's step of so many bars."""
    return tuple(signs(len(group)) for group in beats(slots)) * bars


def onsets(events: Iterable[int], slots: int) -> list[int]:
    """Return the struck slots, from the first bar's start, of the beats of one or more whole bars."""
    groups = beats(slots)
    found = []
    for number, event in enumerate(events):
        bar, group = divmod(number, len(groups))
        found += [bar * slots + slot for slot in groups[group] if event >> (slot % GROUP) & 1]
    return found


def mask(slots: Iterable[int]) -> int:
    """Return slots as the bits of a whole number."""
    found = 0
    for slot in slots:
        found |= 1 << slot
    return found


def bits(bar: int, group: Sequence[int]) -> int:
    """Return a beat's part of a bar's mask."""
    return bar >> group[0] & ((1 << len(group)) - 1)


@lru_cache(maxsize=32)
def _folded(size: int, slot: int) -> Ints:
    # The same as places in a table of (past, bit).
    past, bit = _folding(size, slot)
    return past * 2 + bit


@lru_cache(maxsize=32)
def _folding(size: int, slot: int) -> tuple[Ints, Ints]:
    # For every past (rows) and event (columns): the past and the bit at one slot of the beat.
    past = np.repeat(np.arange(PAST)[:, None], 1 << size, axis=1)
    events = np.repeat(np.arange(1 << size)[None, :], PAST, axis=0)
    for earlier in range(slot):
        past = (past << 1 | events >> earlier & 1) & (PAST - 1)
    return past, events >> slot & 1


@lru_cache(maxsize=16)
def _after(size: int, end: bool) -> Ints:
    past, bit = _folding(size, size - 1)
    past = (past << 1 | bit) & (PAST - 1)
    struck = (np.arange(1 << size) > 0)[None, :]
    if end and size == GROUP:
        # A whole beat leaves nothing of the past: one row, broadcast, which the sampler makes use of.
        return np.broadcast_to(past[0], (2 * PAST, 1 << size))
    flag = np.concatenate([np.repeat(struck, PAST, axis=0), np.ones((PAST, 1 << size), dtype=bool)])
    after = np.concatenate([past, past]) + (0 if end else PAST) * flag
    return np.asarray(after, dtype=np.int64)


def bar_steps(costs: Ints, meter: Meter, full: bool = True) -> list[list[Step]]:
    """Return the steps of each bar, beat by beat, as ``beat_step`` makes them one at a time.

    costs: of no onset and of an onset on every slot after each past, shape (bars * slots, 16, 2); NEVER forbids.
    full: no bar may end empty.
    """
    size, short = meter.slots, meter.slots % GROUP
    bars = len(costs) // size
    if meter.compound:
        # Where beats fall into three eighths, sixteenths between them are rare.
        costs = costs.copy()
        costs.reshape(bars, size, PAST, 2)[:, 1::2, :, 1] += _BETWEEN
    by_bar = costs.reshape(bars, size, PAST * 2)
    whole = by_bar[:, : size - short].reshape(-1, GROUP, PAST * 2)
    beaten = _beaten(whole).reshape(bars, size // GROUP, 2 * PAST, -1)
    rest = _beaten(by_bar[:, size - short :]) if short else None
    if full:
        (beaten[:, -1] if rest is None else rest)[:, :PAST, 0] = 0
    inner, last = _after(GROUP, False), _after(short or GROUP, True)
    found = []
    for number, own in enumerate(beaten):
        steps = [Step(weight, inner) for weight in own]
        if rest is None:
            steps[-1] = Step(own[-1], last)
        else:
            steps.append(Step(rest[number], last))
        found.append(steps)
    return found


def _beaten(costs: Ints) -> Ints:
    # Weights of the events of beats, shape (beats, 32, events), from the costs of their slots, (beats, slots, 32).
    size = costs.shape[1]
    total = costs[:, 0].take(_folded(size, 0), axis=1)
    for slot in range(1, size):
        total += costs[:, slot].take(_folded(size, slot), axis=1)
    total -= total.min(axis=(1, 2), keepdims=True)
    weight = weights(total)
    return np.concatenate([weight, weight], axis=1)
