"""Chords as absolute symbols ("F#m7/C#") and as Roman numerals ("bVII", "IV/I").

Numerals follow the RS200 corpus (de Clercq and Temperley 2011): the root is counted from the MAJOR
scale of the tonic in every mode, so bVII lies ten semitones up; a capital has a major third and a
small letter a minor one. ``/`` names the bass, also as a numeral: ``IV/I`` is IV over a tonic pedal.
Applied chords are written by their root (V of V is ``II``).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from engine.errors import UsageError
from engine.theory.key import Key
from engine.theory.pitch import LETTERS

# quality: (semitones above the root, suffix after a note name, numeral is small, suffix after a numeral)
QUALITIES: dict[str, tuple[tuple[int, ...], str, bool, str]] = {
    "maj": ((0, 4, 7), "", False, ""),
    "min": ((0, 3, 7), "m", True, ""),
    "5": ((0, 7), "5", False, "5"),
    "7": ((0, 4, 7, 10), "7", False, "7"),
    "maj7": ((0, 4, 7, 11), "maj7", False, "maj7"),
    "min7": ((0, 3, 7, 10), "m7", True, "7"),
    "sus4": ((0, 5, 7), "sus4", False, "sus4"),
    "sus2": ((0, 2, 7), "sus2", False, "sus2"),
    "6": ((0, 4, 7, 9), "6", False, "6"),
    "min6": ((0, 3, 7, 9), "m6", True, "6"),
    "add9": ((0, 4, 7, 2), "add9", False, "add9"),
    "9": ((0, 4, 7, 10, 2), "9", False, "9"),
    "min9": ((0, 3, 7, 10, 2), "m9", True, "9"),
    "dim": ((0, 3, 6), "dim", True, "o"),
    "dim7": ((0, 3, 6, 9), "dim7", True, "o7"),
    "hdim": ((0, 3, 6, 10), "m7b5", True, "h7"),
    "aug": ((0, 4, 8), "aug", False, "+"),
}
_BY_SUFFIX = {row[1]: name for name, row in QUALITIES.items()}
_BY_SUFFIX |= {
    "min": "min",
    "-": "min",
    "M7": "maj7",
    "sus": "sus4",
    "o": "dim",
    "+": "aug",
    "min7": "min7",
    "maj": "maj",
}
_BY_NUMERAL = {(row[2], row[3]): name for name, row in QUALITIES.items()}
_ROMAN = {"I": 0, "II": 2, "III": 4, "IV": 5, "V": 7, "VI": 9, "VII": 11}
_ROMAN_NAME = ("I", "bII", "II", "bIII", "III", "IV", "#IV", "V", "bVI", "VI", "bVII", "VII")
_NUMERAL = re.compile(r"(b|#)?([IV]+|[iv]+)([^/]*)(?:/(b|#)?([IV]+))?")
_SYMBOL = re.compile(r"([A-G])(#|b)?([^/]*)(?:/([A-G])(#|b)?)?")


class Chord(NamedTuple):
    """Pitch classes 0..11 of root and bass, and a quality (a key of QUALITIES)."""

    root: int
    quality: str
    bass: int

    @property
    def pitch_classes(self) -> tuple[int, ...]:
        """The chord tones, root first."""
        return tuple((self.root + step) % 12 for step in QUALITIES[self.quality][0])

    def symbol(self, key: Key) -> str:
        """Return the chord symbol as spelled in a key.

        >>> Chord(9, "min7", 9).symbol(Key(0))
        'Am7'
        """
        over = "" if self.bass == self.root else "/" + key.spell(self.bass)
        return key.spell(self.root) + QUALITIES[self.quality][1] + over

    def numeral(self, key: Key) -> str:
        """Return the Roman numeral of the chord in a key (tonic of any mode).

        >>> Chord(10, "maj", 10).numeral(Key(0))
        'bVII'
        """
        _, _, small, suffix = QUALITIES[self.quality]
        roman = _ROMAN_NAME[(self.root - key.tonic) % 12]
        if small:
            roman = roman.replace("I", "i").replace("V", "v")
        over = "" if self.bass == self.root else "/" + _ROMAN_NAME[(self.bass - key.tonic) % 12]
        return roman + suffix + over

    def transpose(self, semitones: int) -> Chord:
        """Return the chord moved by semitones."""
        return Chord((self.root + semitones) % 12, self.quality, (self.bass + semitones) % 12)


@lru_cache(maxsize=1024)
def parse_numeral(text: str, tonic: int = 0) -> Chord:
    """Return the chord of a Roman numeral over a tonic pitch class; raises UsageError.

    >>> parse_numeral("bVII", 4).symbol(Key(4))
    'D'
    """
    match = _NUMERAL.fullmatch(text)
    if match:
        sign, roman, suffix, bass_sign, bass_roman = match.groups()
        quality = _BY_NUMERAL.get((roman.islower(), suffix))
        if roman.upper() in _ROMAN and quality and (bass_roman is None or bass_roman in _ROMAN):
            root = (tonic + _ROMAN[roman.upper()] + _shift(sign)) % 12
            bass = root if bass_roman is None else (tonic + _ROMAN[bass_roman] + _shift(bass_sign)) % 12
            return Chord(root, quality, bass)
    raise UsageError(f'"{text}" is no Roman numeral', "write it like I, vi, bVII, V7, I5 or IV/I")


@lru_cache(maxsize=1024)
def parse_symbol(text: str) -> Chord:
    """Return the chord of a symbol such as "Em", "F#m7/C#", "A5"; raises UsageError."""
    match = _SYMBOL.fullmatch(text)
    if match:
        letter, sign, suffix, bass_letter, bass_sign = match.groups()
        quality = _BY_SUFFIX.get(suffix)
        if quality:
            root = (LETTERS[letter] + _shift(sign)) % 12
            bass = root if bass_letter is None else (LETTERS[bass_letter] + _shift(bass_sign)) % 12
            return Chord(root, quality, bass)
    raise UsageError(f'"{text}" is no chord', "write chords like Em, D/F#, Asus4, Bm7 or E5")


def _shift(sign: str | None) -> int:
    return {"#": 1, "b": -1, None: 0}[sign]
