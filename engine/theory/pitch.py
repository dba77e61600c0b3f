"""Pitch classes and note names; MIDI 60 is C4 (scientific pitch notation)."""

from __future__ import annotations

import re

SHARPS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
FLATS = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}

_NAME = re.compile(r"([A-Ga-g])(#{1,2}|b{1,2})?")


def pitch_class(name: str) -> int:
    """Return 0..11 for a note name ("F#", "bb"); raises ValueError otherwise."""
    match = _NAME.fullmatch(name.strip())
    if not match:
        raise ValueError(f'"{name}" is no note name: expected a letter A to G, then # or b')
    letter, accidental = match.groups()
    shift = 0 if not accidental else len(accidental) * (1 if accidental[0] == "#" else -1)
    return (LETTERS[letter.upper()] + shift) % 12


def midi_number(name: str) -> int:
    """Return the MIDI number of "E4" (64); raises ValueError outside C-1..G9."""
    match = re.fullmatch(r"([A-Ga-g](?:#{1,2}|b{1,2})?)(-?\d)", name.strip())
    if not match:
        raise ValueError(f'"{name}" is no pitch: expected a note name and an octave, such as E4')
    letter, octave = match.groups()
    base = LETTERS[letter[0].upper()] + letter.count("#") - letter[1:].count("b")
    number = base + 12 * (int(octave) + 1)
    if not 0 <= number <= 127:
        raise ValueError(f'"{name}" lies outside MIDI: expected C-1 to G9')
    return number


def pitch_name(number: int, *, flats: bool = False) -> str:
    """Return "E4" for MIDI 64."""
    return f"{(FLATS if flats else SHARPS)[number % 12]}{number // 12 - 1}"
