"""A bass that walks: four beats to the bar, up and down the chord with the sixth, as under a shuffle.

The figure is drawn once a material and moved with the chords as any other.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.chain.sampler import Sampler, Step
from engine.models.bass import Hand
from engine.models.bass_views import LOWEST
from engine.plan.plan import Plan
from engine.plan.reading import chord_slots, kick_of
from engine.song import Section
from engine.stream import Stream
from engine.theory.chord import QUALITIES

RULE = "bass.walk"
# Weight of going so many tones of the ladder up or down: to stay, a step, two, three and more.
_MOVES = (3, 12, 5, 1, 1, 1)


def walked(
    plan: Plan, first: Section, hand: Hand, chance: Callable[[str], Stream]
) -> tuple[tuple[dict[int, tuple[int, int]], ...], tuple[int, ...]]:
    """Return for each of two bars (pitch above the lowest string, the chord's bass) by slot, and the kicks."""
    chord = chord_slots(first, plan.meter)[0]
    third = next((step for step in QUALITIES[chord.quality][0] if step in (3, 4)), 4)
    ladder = (0, third, 7, 9, 10, 12)
    beats = range(0, plan.meter.slots, plan.meter.beat)
    size = len(ladder)
    moves = np.array(_MOVES)[np.abs(np.arange(size)[:, None] - np.arange(size))]
    down, inner = moves.copy(), moves.copy()
    down[:, 1:] = 0  # a walk sets out from the root
    inner[0, 0] = 0
    # The second bar comes down from where the first has come to.
    plain = [inner] * (len(beats) - 1)
    steps = [
        Step(weights, np.broadcast_to(np.arange(size), weights.shape)) for weights in (down, *plain, moves, *plain)
    ]
    drawn = Sampler(steps).draw(chance("walk"))
    low = hand.low + LOWEST
    root = low + (chord.bass - low) % 12
    bars: tuple[dict[int, tuple[int, int]], ...] = ({}, {})
    for number, event in enumerate(drawn):
        bar, beat = divmod(number, len(beats))
        pitch = root + ladder[event]
        pitch -= 12 * (pitch - LOWEST > hand.high)
        bars[bar][beats[beat]] = (pitch - LOWEST, chord.bass)
    count = min(2, first.bars)
    return bars[:count], tuple(kick_of(first, number) for number in range(count))
