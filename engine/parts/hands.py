"""What a drummer's hands do in one bar, given the groove's accents: cymbals, ghost notes, fills."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.chain.sampler import Sampler, Step
from engine.models.drums import CLOSED, FLOOR, GHOST, HANDS, OPEN_HAT, RIDE_CYMBAL, SNARE, Drums
from engine.models.strokes import Traits
from engine.plan.accents import Beat, answered, factor
from engine.stream import Stream

Ints = NDArray[np.int64]

_VOICES = 4  # of a fill: snare, tom 1, tom 2, floor tom


class Manner(NamedTuple):
    """How a section is played: the cymbal that leads, slots between its strokes, rules' percentages."""

    lead: int  # CLOSED, OPEN_HAT, RIDE_CYMBAL, or FLOOR for a floor tom
    pulse: int
    steady: int
    ghost: int
    open: int


def draw_hands(
    drums: Drums, traits: Traits, bar: Beat, manner: Manner, line: Sequence[int], stream: Stream
) -> list[int]:
    """Return the hand event (a place in ``drums.symbols``) of each of 16 slots.

    line: the events of the bars before, which this one answers. Two hands at most: beside a speaking snare a hand
    has one cymbal or nothing.
    """
    on, off, alone = _allowed(tuple(drums.symbols.tolist()), manner)
    foot = np.array([(bar.kick >> slot & 1) + SNARE * (bar.snare >> slot & 1) for slot in range(16)], dtype=np.int64)
    size = len(drums.symbols)
    lag, vary = answered(traits, len(line))
    first = len(line) - lag
    old = np.array([line[at] if 0 <= at < len(line) else size + 1 for at in range(first, first + 16)], dtype=np.int64)
    agreed, last = np.divmod(np.arange(2 * size, dtype=np.int64), size)
    slot, one = np.arange(16, dtype=np.int64)[:, None], np.ones((1, 1), dtype=np.int64)
    columns = {
        "slot": slot, "beat": slot % 4, "foot": foot[:, None], "last": last[None], "state": bar.state * one,
        "lead": (4 if manner.lead == FLOOR else manner.lead) * one,
        "old": old[:, None], "same": agreed[None], "vary": vary * one, "dense": traits.dense * one,
        "ghosts": traits.ghosts * one,
    }  # fmt: skip
    events = np.arange(size, dtype=np.int64)
    rows = drums.hands_rows.rows(columns, events)
    if first >= 0:
        # What has been found once is kept: only what is not allowed at all stays so.
        on, off = np.minimum(on, 1), np.minimum(off, 1)
    steps = []
    for at in range(16):
        rule = off if at % manner.pulse else on
        after = agreed[:, None] * (events == old[at]) * size + events
        steps.append(Step(rows[at] * (rule * alone if foot[at] & SNARE else rule), after))
    return Sampler(steps, size + (line[-1] if line else 0)).draw(stream)


@lru_cache(maxsize=64)
def _allowed(symbols: tuple[int, ...], manner: Manner) -> tuple[Ints, Ints, Ints]:
    """Return factors of every symbol on and off the leading cymbal's pulse, and what one hand alone can play."""
    cymbal, crash, extra = HANDS[list(symbols)].T
    leads = extra == FLOOR if manner.lead == FLOOR else cymbal == manner.lead
    leads = leads & (crash == 0)
    plain = (cymbal == 0) & (crash == 0) & (extra <= GHOST)
    opened = (cymbal == OPEN_HAT) & (extra <= GHOST) & (crash == 0) & (manner.lead == CLOSED)
    allowed = (leads & ((extra <= GHOST) | (manner.lead == FLOOR)) & ((cymbal == 0) | (manner.lead != FLOOR))) | plain
    on = np.where(leads, factor(manner.steady), 16)
    off = np.where(leads & (manner.pulse > 1), factor(10000 // manner.steady), 16)
    ghost = np.where(extra == GHOST, factor(manner.ghost), 16)
    on = np.where(opened, factor(manner.steady * manner.open // 100), on * allowed) * ghost // 16
    off = np.where(opened, 0, off * allowed) * ghost // 16
    alone = (extra == 0) | (extra == FLOOR) & (cymbal == 0)
    return np.asarray(on), np.asarray(off), np.asarray(alone)


def draw_voices(drums: Drums, strokes: list[int], stream: Stream) -> list[int]:
    """Return the voice (0 snare, 1 tom 1, 2 tom 2, 3 floor tom) of each stroke of a fill, given their slots."""
    before, last = np.divmod(np.arange(25), 5)
    after = last[:, None] * 5 + np.arange(_VOICES)
    steps, previous = [], -9
    for slot in strokes:
        gap = min(max(slot - previous, 1), 3) - 1
        steps.append(Step(drums.voice[slot // 4, gap][before, last], after))
        previous = slot
    return Sampler(steps, 24).draw(stream) if steps else []


def leading(drums: Drums, state: int) -> int:
    """Return the cymbal that leads in a bar state: CLOSED, RIDE_CYMBAL or, for toms, FLOOR."""
    found = {CLOSED: int(drums.feature("closed")[state]), RIDE_CYMBAL: int(drums.feature("ride")[state])}
    found[FLOOR] = int(drums.feature("tom_first")[state]) // 2
    return max(found, key=lambda lead: (found[lead], -lead))
