"""What a drummer's hands do in one bar, given the groove's accents: cymbals, ghost notes, fills."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.chain.sampler import Sampler, Step
from engine.models.drums import CLOSED, FLOOR, GHOST, HANDS, OPEN_HAT, RIDE_CYMBAL, SNARE, Drums
from engine.plan.accents import factor
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


def draw_hands(drums: Drums, state: int, kick: int, snare: int, manner: Manner, stream: Stream) -> list[int]:
    """Return the hand symbol (a code of HANDS) of each of 16 slots.

    Two hands at most: beside a speaking snare a hand has one cymbal or nothing.
    """
    cymbal, crash, extra = HANDS[drums.symbols].T
    leads = extra == FLOOR if manner.lead == FLOOR else cymbal == manner.lead
    leads = leads & (crash == 0)
    plain = (cymbal == 0) & (crash == 0) & (extra <= GHOST)
    opened = (cymbal == OPEN_HAT) & (extra <= GHOST) & (crash == 0) & (manner.lead == CLOSED)
    allowed = (leads & ((extra <= GHOST) | (manner.lead == FLOOR)) & ((cymbal == 0) | (manner.lead != FLOOR))) | plain
    on = np.where(leads, factor(manner.steady), 1)
    off = np.where(leads, 1, 16)
    ghost = np.where(extra == GHOST, factor(manner.ghost), 16)
    on = np.where(opened, factor(manner.steady * manner.open // 100), on * allowed) * ghost // 16
    off = np.where(opened, 0, off * allowed) * ghost // 16
    alone = (extra == 0) | (extra == FLOOR) & (cymbal == 0)
    after = np.broadcast_to(np.arange(len(extra)), (len(extra), len(extra)))
    steps = []
    for slot in range(16):
        foot = (kick >> slot & 1) + SNARE * (snare >> slot & 1)
        weights = drums.hand[slot, state, foot] * (off if slot % manner.pulse else on)
        steps.append(Step(weights * alone if foot & SNARE else weights, after))
    start = int(np.flatnonzero(drums.symbols == 0)[0])
    return [int(drums.symbols[event]) for event in Sampler(steps, start).draw(stream)]


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
