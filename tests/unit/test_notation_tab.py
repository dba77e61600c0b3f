"""Fingerings: the right pitch on every string, in reach of a hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.notation.bars import Event
from engine.notation.spelling import Tone
from engine.notation.tab import BASS_TUNING, fingered, playable, tuning_of, ways
from engine.song import Note, Part
from engine.theory.chord import QUALITIES, Chord
from engine.theory.fretboard import TUNING, power_shapes, shapes


def played(*pitches: int) -> list[Event]:
    return [Event(2 * n, 2 * n + 2, (Tone(pitch, 0),)) for n, pitch in enumerate(pitches)]


def test_a_power_chord_is_played_as_everybody_does():
    assert ways((45, 52, 57), TUNING)[0].frets in (((0, 5), (1, 7), (2, 7)), ((1, 0), (2, 2), (3, 2)))


def test_the_open_g_chord():
    assert ways((43, 47, 50, 55, 62, 67), TUNING)[0].frets == ((0, 3), (1, 2), (2, 0), (3, 0), (4, 3), (5, 3))


@pytest.mark.parametrize("quality", sorted(QUALITIES))
@pytest.mark.parametrize("root", range(12))
def test_every_shape_of_the_fretboard_is_in_reach(root, quality):
    chord = Chord(root, quality, root)
    for shape in (*shapes(chord, 40, 76), *power_shapes(chord, 40, 76)):
        best = ways(shape.pitches, TUNING)[0]
        assert playable(best.frets), (shape, best)


@given(st.lists(st.integers(40, 83), min_size=1, max_size=30))
def test_single_notes_sound_as_written(pitches):
    for event in fingered(played(*pitches), TUNING):
        ((string, fret),) = event.frets
        assert TUNING[6 - string] + fret == event.tones[0].pitch
        assert 0 <= fret <= 24


@given(st.lists(st.integers(28, 55), min_size=1, max_size=30))
def test_a_bass_has_four_strings(pitches):
    for event in fingered(played(*pitches), BASS_TUNING):
        ((string, fret),) = event.frets
        assert BASS_TUNING[4 - string] + fret == event.tones[0].pitch


def test_the_hand_stays_where_it_is():
    frets = [event.frets[0] for event in fingered(played(57, 59, 60, 62, 64, 62, 60, 59, 57), TUNING)]
    hands = [fret for _, fret in frets if fret]
    assert max(hands) - min(hands) <= 4


def test_what_lies_lower_tunes_the_lowest_string_down():
    part = Part("rhythm", (Note(0, 480, 38),))
    assert tuning_of(part) == (38, *TUNING[1:])
    assert tuning_of(Part("bass", ())) == BASS_TUNING
    assert tuning_of(Part("rhythm", (Note(0, 480, 35),))) == tuple(string - 5 for string in TUNING)
