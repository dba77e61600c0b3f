"""Which intervals a bass may play over a chord, and what the rules of a style think of each."""

from __future__ import annotations

from functools import lru_cache

from engine.chain.costs import log2_cost
from engine.models.bass_views import NONE
from engine.theory.chord import QUALITIES, Chord
from engine.theory.key import Key

LASTING = 96  # cost of a long tone outside the chord


@lru_cache(maxsize=1024)
def snap(step: int, chord: Chord, key: Key) -> int:
    """Return a figure's interval (or NONE) as the chord and key have it: its degree in their size, or a tone below."""
    if step == NONE:
        return NONE
    inside = allowed(chord, key)
    for near in (step, step + 1 if step in (1, 3, 8, 10) else step - 1, step - 1, step - 2):
        if near % 12 in inside:
            return near % 12
    return 0


@lru_cache(maxsize=1024)
def allowed(chord: Chord, key: Key) -> frozenset[int]:
    """Return the intervals above the chord's bass that belong to the chord, or to the key without clashing."""
    own = {(tone - chord.bass) % 12 for tone in chord.pitch_classes} | {0}
    scale = {(key.tonic + step - chord.bass) % 12 for step in key.scale}
    # A second size of the chord's third would sound as a wrong note, and a half step beside the root as well.
    clash = {1, 11} | ({4} if 3 in own else {3} if 4 in own else set()) | ({6, 8} if 7 in own else set())
    return frozenset(own | (scale - clash))


@lru_cache(maxsize=2048)
def tones(
    key: Key,
    chord: Chord,
    target: int | None,
    new: bool,
    long: bool,
    colour: int,
    root: int,
    approach: int,
    chromatic: int,
) -> tuple[int, ...]:
    """Return the rules' cost of each interval above the chord's bass, -1 where it is forbidden.

    target: pitch class of the next root when this is the last note before it. new: the chord's first note.
    long: it lasts, so that a tone outside the chord would change the harmony. The rest are the weights of the rules
    in percent.
    """
    own = {(tone - chord.bass) % 12 for tone in chord.pitch_classes} | {0}
    cost = [-1] * 12
    for step in allowed(chord, key):
        cost[step] = 0 if step in own else cost_of(colour) + (LASTING if long else 0)
    if new:
        # The root first, then the fifth, then other tones of the chord.
        return tuple(
            value
            if value < 0 or not step
            else value + cost_of(10000 // root) * (1 if step == 7 else 2 if step in own else 4)
            for step, value in enumerate(cost)
        )
    if target is not None:
        leading = {(target + near - chord.bass) % 12 for near in (-2, -1, 1, 2)}
        for step in range(12):
            inside = cost[step] >= 0
            if inside and step not in leading:
                cost[step] += cost_of(10000 // approach)
            elif not inside and chromatic and (chord.bass + step - target) % 12 in (1, 11):
                cost[step] = cost_of(chromatic)
    return tuple(cost)


@lru_cache(maxsize=512)
def quality(chord: Chord) -> int:
    """Return 0 for a major third, 1 for a minor one, 2 for neither."""
    steps = QUALITIES[chord.quality][0]
    return 0 if 4 in steps else 1 if 3 in steps else 2


def cost_of(weight: int) -> int:
    """Return the cost of a weight in percent (1..100), relative to 100.

    >>> cost_of(50)
    256
    """
    return log2_cost(100) - log2_cost(weight)
