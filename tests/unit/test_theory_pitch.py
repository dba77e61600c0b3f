"""Pitch names against the usual tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.theory.gm import DRUMS, INSTRUMENTS
from engine.theory.pitch import midi_number, pitch_class, pitch_name


@pytest.mark.parametrize(
    ("name", "number"),
    [("C4", 60), ("A4", 69), ("E2", 40), ("C-1", 0), ("G9", 127), ("Bb3", 58), ("B#3", 60), ("Cb4", 59)],
)
def test_midi_numbers_follow_scientific_pitch(name, number):
    assert midi_number(name) == number


@pytest.mark.parametrize("name", ["", "H4", "C", "G#9", "Cb-1", "E4x", "44"])
def test_what_is_no_pitch_is_refused(name):
    with pytest.raises(ValueError, match=r"pitch|outside"):
        midi_number(name)


@pytest.mark.parametrize(("name", "pc"), [("C", 0), ("F#", 6), ("bb", 10), ("E##", 6), ("Cb", 11), ("Abb", 7)])
def test_accidentals_move_the_letter(name, pc):
    assert pitch_class(name) == pc


@given(st.integers(0, 127), st.booleans())
def test_names_read_back(number, flats):
    assert midi_number(pitch_name(number, flats=flats)) == number


@pytest.mark.parametrize(
    ("program", "name"), [(1, "Acoustic Grand Piano"), (31, "Distortion Guitar"), (128, "Gunshot")]
)
def test_programs_are_those_of_general_midi(program, name):
    assert INSTRUMENTS[program - 1] == name


@pytest.mark.parametrize(("note", "name"), [(35, "Acoustic Bass Drum"), (42, "Closed Hi-Hat"), (81, "Open Triangle")])
def test_drum_notes_are_those_of_general_midi(note, name):
    assert DRUMS[note] == name
