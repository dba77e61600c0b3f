"""Chords as a person writes them."""

from __future__ import annotations

import pytest

from engine.errors import UsageError
from engine.plan.given import parse_chords
from engine.theory.key import Key

A_MINOR = Key.parse("A minor")


def names(text: str) -> list[list[str]]:
    return [[chord.symbol(A_MINOR) for chord in bar] for bar in parse_chords(text, A_MINOR, "verse")]


@pytest.mark.parametrize(
    ("text", "bars"),
    [
        ("Am F C G", [["Am"], ["F"], ["C"], ["G"]]),
        ("| Am | F C | G |", [["Am"], ["F", "C"], ["G"]]),
        ("Am | F C", [["Am"], ["F", "C"]]),
        ("Am, F", [["Am"], ["F"]]),
        ("i bVI bIII bVII", [["Am"], ["F"], ["C"], ["G"]]),
        ("Am bVII/I D/F# E5", [["Am"], ["G/A"], ["D/F#"], ["E5"]]),
    ],
)
def test_one_chord_a_bar_or_what_stands_between_lines(text: str, bars: list[list[str]]) -> None:
    assert names(text) == bars


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("H7 ??", r'"H7" \(chord 1\)'),
        ("Am ??", r'"\?\?" \(chord 2\)'),
        ("| Am | F x |", r'"x" \(chord 3\)'),
        ("", "there are none"),
        ("| Am | | G |", "bar 2 is empty"),
        ("||", "there are none"),
        ("| " + "C " * 9 + "|", "9 chords"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=f"chords for verse: .*{message}"):
        parse_chords(text, A_MINOR, "verse")
