"""The staves of a band: clefs, what the drums look like, and instruments."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from engine.song import Part
from engine.theory.gm import DRUMS


class Clef(NamedTuple):
    """A clef as MusicXML names it; octave: where it is read an octave lower, -1."""

    sign: str
    line: int
    octave: int = 0


TREBLE, TENOR, BASS, LOW = Clef("G", 2), Clef("G", 2, -1), Clef("F", 4, -1), Clef("F", 4)
_PLUCKED = range(24, 40)  # General MIDI: guitars and basses
_TREBLE = (60, 64)  # middle of what lies in the treble clef: of a player, of the voice
PERCUSSION, TAB = Clef("percussion", 0), Clef("TAB", 5)


class Drum(NamedTuple):
    """Where a drum stands on the staff, its note head, and a sign above it (of MusicXML's ``technical``)."""

    step: str
    octave: int
    head: str = ""
    sign: str = ""


# Weinberg, Guidelines for Drumset Notation (Percussive Notes 32/3, 1994).
DRUM_PLACES: dict[int, Drum] = {
    35: Drum("F", 4),
    36: Drum("F", 4),
    37: Drum("C", 5, "x"),
    38: Drum("C", 5),
    39: Drum("C", 5, "x"),
    40: Drum("C", 5),
    41: Drum("G", 4),
    42: Drum("G", 5, "x"),
    43: Drum("A", 4),
    44: Drum("D", 4, "x"),
    45: Drum("B", 4),
    46: Drum("G", 5, "x", "open"),
    47: Drum("D", 5),
    48: Drum("D", 5),
    49: Drum("A", 5, "x"),
    50: Drum("E", 5),
    51: Drum("F", 5, "x"),
    52: Drum("C", 6, "x"),
    53: Drum("F", 5, "diamond"),
    54: Drum("E", 5, "triangle"),
    55: Drum("B", 5, "x"),
    56: Drum("E", 5, "triangle"),
    57: Drum("B", 5, "x"),
    59: Drum("F", 5, "x"),
}
_OTHER = Drum("E", 5, "x")


def drum_place(number: int) -> Drum:
    """Return how a drum of General MIDI is written."""
    return DRUM_PLACES.get(number, _OTHER)


def drum_name(number: int) -> str:
    """Return a drum's name in General MIDI."""
    return DRUMS.get(number, f"Drum {number}")


def clef_of(part: Part) -> Clef:
    """Return the clef of a pitched part: guitars, basses and tenors are read an octave above their sound."""
    plucked, middle = part.program in _PLUCKED, _middle(note.pitch for note in part.notes)
    if part.name == "bass":
        return BASS if plucked else LOW
    if plucked or middle < _TREBLE[part.name == "melody"]:
        return TENOR
    return TREBLE


def _middle(pitches: Iterable[int]) -> int:
    ordered = sorted(pitches)
    return ordered[len(ordered) // 2] if ordered else 64
