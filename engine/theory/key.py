"""Keys and modes, with their scales and signatures."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from engine.errors import UsageError, nearest
from engine.theory.pitch import FLATS, SHARPS, pitch_class

# Semitones above the tonic.
SCALES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
}
# Steps round the circle of fifths from the major key with the same tonic.
_FIFTHS = {"major": 0, "lydian": 1, "mixolydian": -1, "dorian": -2, "minor": -3, "phrygian": -4}
_KEY = re.compile(r"\s*([A-Ga-g](?:#|b)?)\s*(m(?![a-z])|[A-Za-z]+)?\s*")


@dataclass(frozen=True, slots=True)
class Key:
    """A tonic (pitch class 0..11) and a mode (a key of SCALES).

    steps: a scale to play in place of the mode's, semitones above the tonic; () is the mode's own.

    >>> str(Key.parse("F#m")), Key.parse("E minor").sharps
    ('F# minor', 1)
    """

    tonic: int
    mode: str = "major"
    steps: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.tonic <= 11:
            raise ValueError(f"tonic {self.tonic}: expected 0..11")
        if self.mode not in SCALES:
            raise ValueError(f'mode "{self.mode}": expected one of {", ".join(SCALES)}')

    @classmethod
    def parse(cls, text: str) -> Key:
        """Return the key written as "E minor", "Em", "F# mixolydian" or "Bb"; raises UsageError."""
        match = _KEY.fullmatch(text)
        if not match:
            raise UsageError(f'key "{text}": expected a note and a mode', 'write it like "E minor" or "F# mixolydian"')
        note, mode = match.groups()
        mode = {"m": "minor", "min": "minor", "maj": "major", None: "major"}.get(mode, (mode or "").lower())
        if mode not in SCALES:
            raise UsageError(f'key "{text}": unknown mode "{mode}"', nearest(mode, SCALES))
        return cls(pitch_class(note), mode)

    @property
    def scale(self) -> tuple[int, ...]:
        """Semitones above the tonic."""
        return self.steps or SCALES[self.mode]

    @property
    def minor(self) -> bool:
        """Whether the third above the tonic is minor."""
        return 3 in SCALES[self.mode]

    @property
    def sharps(self) -> int:
        """Sharps (positive) or flats (negative) of the signature, -6..6."""
        fifths = (7 * self.tonic + _FIFTHS[self.mode] + 6) % 12 - 6
        return 6 if fifths == -6 and self.tonic in (6, 3) else fifths

    def up(self, semitones: int) -> Key:
        """Return the key of the same mode so many semitones higher.

        >>> str(Key(4, "minor").up(2))
        'F# minor'
        """
        return replace(self, tonic=(self.tonic + semitones) % 12) if semitones else self

    def fifth(self, pc: int) -> int:
        """Return where a pitch class stands on the line of fifths (C 0, G 1, F -1) as this key has it.

        Outside the scale lie the flat degrees of rock (bIII, bVI, bVII, bII), the leading tone, and the fourth raised
        where the third is major, the fifth lowered where it is minor.
        """
        above = 7 * (pc - self.tonic) % 12
        return self.sharps - _FIFTHS[self.mode] + above - (12 if above > (5 if self.minor else 6) else 0)

    def spell(self, pc: int) -> str:
        """Return the usual name of a pitch class in this key, with one accidental at most.

        >>> Key(2).spell(10), Key(4, "minor").spell(3)
        ('Bb', 'D#')
        """
        place = self.fifth(pc) + 1
        if not -7 <= place <= 13:
            return (FLATS if place < 0 else SHARPS)[pc % 12]
        return "FCGDAEB"[place % 7] + ("b", "", "#")[place // 7 + 1]

    def __str__(self) -> str:
        return f"{self.spell(self.tonic)} {self.mode}"
