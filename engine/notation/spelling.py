"""How a pitch is written: its place on the line of fifths, from the key and the chord it sounds over.

The line of fifths (... Bb F C G D A E B F# ...) has one place a note name; see Temperley, The Cognition of
Basic Musical Structures (2001), chapter 5. C is 0.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from engine.theory.chord import QUALITIES, Chord
from engine.theory.key import Key

# Fifths up the line by semitones above the root of a chord, as chords are built from thirds.
_ABOVE_ROOT = {0: 0, 2: 2, 3: -3, 4: 4, 5: -1, 6: -6, 7: 1, 8: 8, 9: 3, 10: -2, 11: 5}


class Tone(NamedTuple):
    """A pitch as written: MIDI number and place on the line of fifths.

    >>> Tone(61, 7).step, Tone(61, 7).alter, Tone(61, 7).octave
    ('C', 1, 4)
    """

    pitch: int
    fifth: int

    @property
    def step(self) -> str:
        """The letter."""
        return "FCGDAEB"[(self.fifth + 1) % 7]

    @property
    def alter(self) -> int:
        """Semitones above the letter: 1 a sharp, -1 a flat."""
        return (self.fifth + 1) // 7

    @property
    def octave(self) -> int:
        """The octave of the letter; middle C is in 4."""
        return (self.pitch - self.alter) // 12 - 1


@lru_cache(maxsize=256)
def fifths(key: Key, chord: Chord | None = None) -> tuple[int, ...]:
    """Return the place on the line of fifths of each pitch class 0..11.

    Tones of the chord are spelled as thirds above its root (the third of E major is G# in any key), all others as
    the key has them.
    """
    places = [key.fifth(pc) for pc in range(12)]
    if chord is not None:
        for step in QUALITIES[chord.quality][0]:
            up = -9 if chord.quality == "dim7" and step == 9 else _ABOVE_ROOT[step]
            place = places[chord.root] + up
            if -8 <= place <= 12:  # Fb to B#: no double accidentals for a chord's sake
                places[(chord.root + step) % 12] = place
    return tuple(places)
