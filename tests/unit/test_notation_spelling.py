"""Spelling against what a harmony textbook says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.notation.spelling import Tone, fifths
from engine.theory.chord import QUALITIES, Chord, parse_symbol
from engine.theory.key import SCALES, Key

KEYS = st.builds(Key, st.integers(0, 11), st.sampled_from(sorted(SCALES)))
SIGNS = {-2: "bb", -1: "b", 0: "", 1: "#", 2: "##"}


def names(key: str, pitches: list[int], chord: str = "") -> str:
    table = fifths(Key.parse(key), parse_symbol(chord) if chord else None)
    tones = [Tone(pitch, table[pitch % 12]) for pitch in pitches]
    return " ".join(f"{tone.step}{SIGNS[tone.alter]}" for tone in tones)


@pytest.mark.parametrize(
    ("key", "pitches", "expected"),
    [
        ("C major", [60, 62, 64, 65, 67, 69, 71], "C D E F G A B"),
        ("E minor", [64, 66, 67, 69, 71, 72, 74], "E F# G A B C D"),
        ("E minor", [63], "D#"),  # the leading tone
        ("E minor", [70], "Bb"),  # the blue fifth
        ("D major", [65, 70, 60], "F Bb C"),  # bIII, bVI, bVII
        ("C major", [66, 61], "F# Db"),
        ("Ab major", [68, 70, 72, 73, 75, 77, 79], "Ab Bb C Db Eb F G"),
        ("F# major", [65, 71], "E# B"),
        ("G# minor", [67], "F##"),
    ],
)
def test_a_pitch_is_spelled_as_the_key_has_it(key, pitches, expected):
    assert names(key, pitches) == expected


@pytest.mark.parametrize(
    ("key", "chord", "pitches", "expected"),
    [
        ("C major", "E", [64, 68, 71], "E G# B"),
        ("C major", "Ab", [68, 60, 63], "Ab C Eb"),
        ("A minor", "Bdim7", [71, 62, 65, 68], "B D F Ab"),
        ("C major", "A", [61], "C#"),
        ("F major", "Bbm", [61], "Db"),
        ("C major", "Gaug", [63], "D#"),
    ],
)
def test_tones_of_a_chord_are_thirds_above_its_root(key, chord, pitches, expected):
    chord = chord.replace("Gaug", "G+")
    assert names(key, pitches, chord) == expected


@given(KEYS, st.integers(0, 127))
def test_a_spelled_tone_is_its_pitch(key, pitch):
    tone = Tone(pitch, fifths(key)[pitch % 12])
    assert (
        12 * (tone.octave + 1) + {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}[tone.step] + (tone.alter)
        == pitch
    )


@given(KEYS, st.integers(0, 11), st.sampled_from(sorted(QUALITIES)))
def test_no_chord_brings_more_than_the_key_into_double_accidentals(key, root, quality):
    plain = fifths(key)
    spelled = fifths(key, Chord(root, quality, root))
    assert all(-8 <= place <= 12 or place == plain[pc] for pc, place in enumerate(spelled))
    assert all((7 * place) % 12 == pc for pc, place in enumerate(spelled))


@given(KEYS)
def test_the_scale_is_what_the_signature_says(key):
    places = {fifths(key)[(key.tonic + step) % 12] for step in SCALES[key.mode]}
    assert places == set(range(key.sharps - 1, key.sharps + 6))
