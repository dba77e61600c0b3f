"""Chord shapes on six strings in standard tuning, as fingers find them.

A shape is written by string, from the low E to the high one, as frets from the root's; ``None`` is a string left
out. Movable shapes stand at any fret; open ones only where they are written.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from engine.theory.chord import QUALITIES, Chord

TUNING = (40, 45, 50, 55, 59, 64)  # E2 A2 D3 G3 B3 E4
MAX_FRET = 10  # of a chord's root

Frets = tuple[int | None, ...]
_X = None

# Root on the sixth, fifth and fourth string, by quality.
_MOVABLE: dict[int, dict[str, Frets]] = {
    0: {
        "maj": (0, 2, 2, 1, 0, 0),
        "min": (0, 2, 2, 0, 0, 0),
        "5": (0, 2, 2, _X, _X, _X),
        "7": (0, 2, 0, 1, 0, 0),
        "maj7": (0, _X, 1, 1, 0, _X),
        "min7": (0, 2, 0, 0, 0, 0),
        "sus4": (0, 2, 2, 2, 0, 0),
        "6": (0, _X, 2, 1, 2, 0),
        "min6": (0, _X, 2, 0, 2, 0),
        "add9": (0, 2, 2, 1, 0, 2),
        "9": (0, 2, 0, 1, 0, 2),
        "min9": (0, 2, 0, 0, 0, 2),
        "dim": (0, 1, 2, 0, _X, _X),
        "dim7": (0, 1, 2, 0, 2, _X),
        "hdim": (0, 1, 0, 0, _X, _X),
        "aug": (0, _X, 2, 1, 1, 0),
    },
    1: {
        "maj": (_X, 0, 2, 2, 2, 0),
        "min": (_X, 0, 2, 2, 1, 0),
        "5": (_X, 0, 2, 2, _X, _X),
        "7": (_X, 0, 2, 0, 2, 0),
        "maj7": (_X, 0, 2, 1, 2, 0),
        "min7": (_X, 0, 2, 0, 1, 0),
        "sus4": (_X, 0, 2, 2, 3, 0),
        "sus2": (_X, 0, 2, 2, 0, 0),
        "6": (_X, 0, 2, 2, 2, 2),
        "min6": (_X, 0, 2, 2, 1, 2),
        "add9": (_X, 0, 2, 4, 2, 0),
        "9": (_X, 0, 2, 0, 0, 0),
        "min9": (_X, 0, 2, 0, 1, 0),
        "dim": (_X, 0, 1, 2, 1, _X),
        "dim7": (_X, 0, 1, 2, 1, 2),
        "hdim": (_X, 0, 1, 0, 1, _X),
        "aug": (_X, 0, _X, 2, 2, 1),
    },
    2: {
        "maj": (_X, _X, 0, 2, 3, 2),
        "min": (_X, _X, 0, 2, 3, 1),
        "5": (_X, _X, 0, 2, 3, _X),
        "7": (_X, _X, 0, 2, 1, 2),
        "maj7": (_X, _X, 0, 2, 2, 2),
        "min7": (_X, _X, 0, 2, 1, 1),
        "sus4": (_X, _X, 0, 2, 3, 3),
        "sus2": (_X, _X, 0, 2, 3, 0),
    },
}
# Open chords that no movable shape gives: (pitch class of the root, quality): frets from the nut.
_OPEN: dict[tuple[int, str], Frets] = {
    (0, "maj"): (_X, 3, 2, 0, 1, 0),
    (0, "7"): (_X, 3, 2, 3, 1, 0),
    (0, "maj7"): (_X, 3, 2, 0, 0, 0),
    (0, "add9"): (_X, 3, 2, 0, 3, 0),
    (7, "maj"): (3, 2, 0, 0, 3, 3),
    (7, "7"): (3, 2, 0, 0, 0, 1),
    (7, "sus4"): (3, _X, 0, 0, 1, 3),
    (11, "7"): (_X, 2, 1, 2, 0, 2),
}
_FIFTHS = {"dim": 6, "dim7": 6, "hdim": 6, "aug": 8}


class Shape(NamedTuple):
    """A chord in the hand: sounding pitches from low to high, the fret of its root, whether strings ring open."""

    pitches: tuple[int, ...]
    fret: int
    open: bool


@lru_cache(maxsize=512)
def shapes(chord: Chord, low: int, high: int, tuning: tuple[int, ...] = TUNING) -> tuple[Shape, ...]:
    """Return the full shapes of a chord within MIDI low..high, open ones first; at least one.

    tuning: open strings from low to high. In another tuning a shape is moved string by string to the same intervals,
    so that it sounds as in a guitar of which all strings are tuned down alike; open shapes need the standard one.

    >>> shapes(Chord(7, "maj", 7), 40, 76)[0].pitches
    (43, 47, 50, 55, 62, 67)
    """
    found = []
    # Most drop tunings lower one string more than the rest: the fifth string tells what the guitar as a whole is in.
    whole = tuning[1] - TUNING[1]
    if not whole and (chord.root, chord.quality) in _OPEN:
        frets = _OPEN[chord.root, chord.quality]
        found.append(_shape(frets, next(fret for fret in frets if fret is not None), True, low, high))
    for string, table in _MOVABLE.items():
        fret = (chord.root - TUNING[string] - whole) % 12
        if chord.quality in table and fret <= (MAX_FRET if string < 2 else 5):
            frets = tuple(None if step is None else fret + step for step in table[chord.quality])
            found.append(_shape(frets, fret, fret == 0, low, high, whole))
    return tuple(shape for shape in found if len(shape.pitches) > 1) or (_near(chord, low, high),)


@lru_cache(maxsize=512)
def power_shapes(chord: Chord, low: int, high: int, tuning: tuple[int, ...] = TUNING) -> tuple[Shape, ...]:
    """Return root, fifth and octave on the low strings, within MIDI low..high; at least one.

    tuning: open strings from low to high; in a drop tuning the lowest power chord lies lower.

    >>> [shape.pitches for shape in power_shapes(Chord(9, "5", 9), 40, 76)]
    [(45, 52, 57), (45, 52, 57)]
    """
    fifth = _FIFTHS.get(chord.quality, 7)
    found = []
    for string in (0, 1):
        fret = (chord.root - tuning[string]) % 12
        root = tuning[string] + fret
        if fret <= MAX_FRET and low <= root and root + 12 <= high:
            found.append(Shape((root, root + fifth, root + 12), fret, False))
    return tuple(found) or (_near(Chord(chord.root, "5", chord.root), low, high),)


def _shape(frets: Frets, fret: int, ringing: bool, low: int, high: int, whole: int = 0) -> Shape:
    pitches = (string + whole + at for string, at in zip(TUNING, frets, strict=True) if at is not None)
    return Shape(tuple(pitch for pitch in pitches if low <= pitch <= high), fret, ringing)


def _near(chord: Chord, low: int, high: int) -> Shape:
    # Another instrument's range: the chord's tones from the lowest root up.
    root = low + (chord.root - low) % 12
    pitches = sorted(root + step for step in QUALITIES[chord.quality][0] if root + step <= high)
    return Shape(tuple(pitches or [min(root, high)]), 0, False)
