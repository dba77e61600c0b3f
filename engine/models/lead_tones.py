"""Which pitches a lead guitar may play over a chord, and what the rules of a style think of each."""

from __future__ import annotations

from functools import lru_cache

from engine.chain.costs import log2_cost
from engine.theory.chord import Chord
from engine.theory.key import Key

_PENTATONIC = {True: (0, 3, 5, 7, 10), False: (0, 2, 4, 7, 9)}  # by whether the key is minor
_BLUE = {True: 6, False: 3}


@lru_cache(maxsize=256)
def register(
    key: Key, chords: tuple[Chord, ...], low: int, high: int, besides: tuple[int, ...] = ()
) -> tuple[int, ...]:
    """Return the pitches low..high of the key, its pentatonic and blue note, and the chords; and those ``besides``."""
    # A style's own scale stands alone.
    steps = key.steps or (*key.scale, *_PENTATONIC[key.minor], _BLUE[key.minor])
    classes = {(key.tonic + step) % 12 for step in steps}
    classes |= {tone for chord in chords for tone in chord.pitch_classes}
    return tuple(sorted({pitch for pitch in range(low, high + 1) if pitch % 12 in classes} | set(besides)))


@lru_cache(maxsize=1024)
def fitness(
    pitches: tuple[int, ...], chord: Chord, key: Key, strong: bool, home: bool, passing: int
) -> tuple[int, ...]:
    """Return the cost of each pitch over a chord, -1 where it would be wrong; some pitch is always right.

    strong: the note is on a beat or long. home: it has to be a tone of the chord. passing: percent by which a tone that
    is neither of the chord nor pentatonic weighs less.
    """
    own = set(chord.pitch_classes)
    scale = {(key.tonic + step) % 12 for step in key.scale}
    penta = scale if key.steps else {(key.tonic + step) % 12 for step in _PENTATONIC[key.minor]}
    blue = (key.tonic + _BLUE[key.minor]) % 12
    away = log2_cost(passing) - log2_cost(100)
    cost = []
    for pitch in pitches:
        tone = pitch % 12
        # A half step from a tone of the chord grates where it lasts, and always beside a tone that left the key.
        grates = any((tone - other) % 12 in (1, 11) and (strong or other not in scale) for other in own)
        if tone in own:
            cost.append(256 if home and tone != chord.root else 0)
        elif home or grates or (tone not in scale and tone not in penta and (tone != blue or strong)):
            cost.append(-1)
        else:
            cost.append(64 if tone in penta else away if tone in scale else 2 * away)
    if max(cost, default=-1) < 0:
        return tuple(0 for _ in pitches)
    return tuple(cost)
