"""Chord symbols and Roman numerals against the textbook."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import UsageError
from engine.theory.chord import QUALITIES, Chord, parse_numeral, parse_symbol
from engine.theory.key import SCALES, Key

CHORDS = st.builds(Chord, st.integers(0, 11), st.sampled_from(sorted(QUALITIES)), st.integers(0, 11))
KEYS = st.builds(Key, st.integers(0, 11), st.sampled_from(sorted(SCALES)))


@pytest.mark.parametrize(
    ("symbol", "notes"),
    [
        ("C", {0, 4, 7}),
        ("Am", {9, 0, 4}),
        ("F#m7", {6, 9, 1, 4}),
        ("Bb7", {10, 2, 5, 8}),
        ("E5", {4, 11}),
        ("Dsus4", {2, 7, 9}),
        ("Bdim", {11, 2, 5}),
        ("Gmaj7", {7, 11, 2, 6}),
    ],
)
def test_symbols_have_the_notes_of_the_textbook(symbol, notes):
    assert set(parse_symbol(symbol).pitch_classes) == notes


# RS200 counts roots from the major scale in every mode (de Clercq and Temperley 2011).
@pytest.mark.parametrize(
    ("numeral", "key", "symbol"),
    [
        ("I", "C major", "C"),
        ("bVII", "E minor", "D"),
        ("bVI", "A minor", "F"),
        ("vi7", "G major", "Em7"),
        ("V7", "Bb major", "F7"),
        ("IV/I", "A major", "D/A"),
        ("I5", "E minor", "E5"),
        ("iih7", "C minor", "Dm7b5"),
    ],
)
def test_numerals_name_chords(numeral, key, symbol):
    key = Key.parse(key)
    assert parse_numeral(numeral, key.tonic).symbol(key) == symbol
    assert parse_symbol(symbol).numeral(key) == numeral


@given(CHORDS, KEYS)
def test_a_symbol_reads_back(chord, key):
    assert parse_symbol(chord.symbol(key)) == chord


@given(CHORDS, KEYS)
def test_a_numeral_reads_back(chord, key):
    assert parse_numeral(chord.numeral(key), key.tonic) == chord


@given(CHORDS, st.integers(-24, 24))
def test_moving_a_chord_moves_its_notes(chord, by):
    moved = chord.transpose(by)
    assert moved.pitch_classes == tuple((pc + by) % 12 for pc in chord.pitch_classes)


@pytest.mark.parametrize("text", ["", "H7", "??", "Em/", "E//G", "Cfoo", "c", "E5/X"])
def test_what_is_no_chord_is_refused(text):
    with pytest.raises(UsageError, match="is no chord"):
        parse_symbol(text)


@pytest.mark.parametrize("text", ["", "IIX", "VIII", "iV", "b", "I/", "I/vi"])
def test_what_is_no_numeral_is_refused(text):
    with pytest.raises(UsageError, match="is no Roman numeral"):
        parse_numeral(text)
