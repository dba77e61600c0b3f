"""How much of a song's harmony is said again: chances that can be worked out by hand."""

from __future__ import annotations

from math import log2

import pytest

from engine.grammar import BAR, Node, parse_grammar
from engine.train.chord_lines import Line
from engine.train.harmony_memory import Chance, fitted, opportunities, saved

GRAMMAR = parse_grammar(
    "terminals numerals\nstart Verse:2\nstart Chorus:2\nVerse -> Home\nChorus -> Home\nHome -> I [1 a] | IV [3 b]"
)


def line(kind: str, chord: str, label: str) -> tuple[Line, Node]:
    home = Node("Home", 0, 2 * BAR, label, (Node(chord, 0, 2 * BAR),))
    return Line(kind, (chord,) * 4), Node(kind.capitalize(), 0, 2 * BAR, kind, (home,))


def test_a_part_of_the_chorus_may_be_that_of_the_verse() -> None:
    lines, trees = zip(line("chorus", "I", "a"), line("verse", "I", "a"), strict=True)
    assert opportunities(lines, trees, GRAMMAR, GRAMMAR) == [Chance(0, 1.0, pytest.approx(0.25))]


def test_another_part_is_not() -> None:
    lines, trees = zip(line("verse", "I", "a"), line("chorus", "IV", "b"), strict=True)
    assert opportunities(lines, trees, GRAMMAR, GRAMMAR) == [Chance(0, 0.0, pytest.approx(0.75))]


def test_the_chance_is_the_likeliest() -> None:
    # Where a part would hardly come by itself, it is counted.
    found = [Chance(1, 1.0, 1e-9)] * 30 + [Chance(1, 0.0, 0.5)] * 69
    assert fitted(found)[1] == pytest.approx(0.305, abs=1e-3)
    assert fitted([])[1] == 0.0


def test_what_remembering_saves() -> None:
    assert saved([Chance(0, 1.0, 0.25)], (0.5, 0, 0, 0)) == pytest.approx(log2(0.625 / 0.25))
