"""Keys, scales and signatures against the circle of fifths."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import UsageError
from engine.theory.key import SCALES, Key

KEYS = st.builds(Key, st.integers(0, 11), st.sampled_from(sorted(SCALES)))


@pytest.mark.parametrize(
    ("text", "sharps"),
    [
        ("C major", 0),
        ("G major", 1),
        ("E major", 4),
        ("F major", -1),
        ("Ab major", -4),
        ("A minor", 0),
        ("E minor", 1),
        ("C minor", -3),
        ("D dorian", 0),
        ("G mixolydian", 0),
        ("F lydian", 0),
        ("E phrygian", 0),
        ("A mixolydian", 2),
    ],
)
def test_signatures_follow_the_circle_of_fifths(text, sharps):
    assert Key.parse(text).sharps == sharps


@pytest.mark.parametrize("text", ["E minor", "Em", "e min", " E  minor "])
def test_a_key_can_be_written_in_several_ways(text):
    assert Key.parse(text) == Key(4, "minor")


@pytest.mark.parametrize("text", ["", "H", "E minro", "E minor major", "12", "C blues"])
def test_what_is_no_key_is_refused(text):
    with pytest.raises(UsageError, match="key"):
        Key.parse(text)


@given(KEYS)
def test_a_key_reads_back_as_written(key):
    assert Key.parse(str(key)) == key


@given(KEYS)
def test_the_signature_has_the_notes_of_the_scale(key):
    # Seven fifths in a row, from one below the major tonic of the signature.
    fifths = {(7 * (key.sharps + step)) % 12 for step in range(-1, 6)}
    assert fifths == {(key.tonic + step) % 12 for step in key.scale}


def test_flat_keys_are_spelled_with_flats():
    assert [Key.parse("F major").spell(pc) for pc in (10, 3)] == ["Bb", "Eb"]
