"""The notation: what is read, and where it is refused."""

from __future__ import annotations

from fractions import Fraction

import pytest

from engine.errors import GrammarError
from engine.grammar import BAR, parse_grammar
from engine.grammar.model import Length
from engine.grammar.syntax import SyntaxProblem, parse


def rule(text: str) -> object:
    return parse(text, "f")[0].value


def items(right: str):
    return rule(f"A -> {right}")[2][0].items


def refusal(text: str) -> tuple[int, int, str]:
    with pytest.raises(SyntaxProblem) as caught:
        parse(text, "f")
    _, line, column, _ = caught.value.problem.place
    return line, column, caught.value.problem.message


def test_fixed_lengths_are_read_in_bars() -> None:
    assert [item.length for item in items("B:4 C:1/2")] == [Length(0, 1, 4 * BAR), Length(0, 1, BAR // 2)]


def test_lengths_may_be_measured_by_the_whole() -> None:
    found = [item.length for item in items("B:n/2 C:3n/4 D:n-2 E:n")]
    assert found == [Length(1, 2, 0), Length(3, 4, 0), Length(1, 1, -2 * BAR), Length(1, 1, 0)]


def test_a_length_of_n_is_whole_or_none() -> None:
    assert Length(1, 2, 0).of(8) == 4
    assert Length(1, 2, 0).of(7) is None


def test_variations_and_endings_are_told_apart() -> None:
    found = items("let P = B:4 in P P' P.end(C:2)")
    assert [(item.kind, item.change) for item in found] == [("bind", ""), ("sub", ""), ("use", "vary"), ("use", "end")]


def test_a_weight_may_be_whole_a_fraction_or_decimal() -> None:
    alternatives = rule("A -> b [3] | c [1/2] | d [.25] | e")[2]
    assert [a.weight for a in alternatives] == [3, Fraction(1, 2), Fraction(1, 4), 1]


def test_a_bracket_may_hold_a_label() -> None:
    assert [a.label for a in rule("A -> b [3 plagal-end] | c [plain] | d")[2]] == ["plagal-end", "plain", ""]


@pytest.mark.parametrize(
    ("left", "spans"),
    [
        ("A:4", ((192, 192),)),
        ("A:4,8", ((192, 192), (384, 384))),
        ("A:4..8", ((192, 384),)),
        ("A:..8", ((0, 384),)),
    ],
)
def test_a_left_side_may_name_lengths(left: str, spans: tuple[tuple[int, int], ...]) -> None:
    assert rule(f"{left} -> b")[1] == spans


def test_chords_are_names() -> None:
    found = items('IV/I:1 bVII:1 #IV:1/2 I5 vi7 viio7 III+ "I7(b9)"')
    assert [i.symbol for i in found] == ["IV/I", "bVII", "#IV", "I5", "vi7", "viio7", "III+", '"I7(b9)']


def test_comments_and_indented_lines_do_not_matter() -> None:
    plain = parse("A -> b | c\nB -> d", "f")
    spread = parse("% first\nA -> b  % why\n% between\n   | c\n\n| d\nB -> d\n%last", "f")
    assert [len(s.value[2]) for s in plain] == [2, 1]
    assert [len(s.value[2]) for s in spread] == [3, 1]


def test_nothing_is_an_alternative() -> None:
    assert rule("A -> () | b")[2][0].items == ()


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("A -> B:", 1, 8, "the file ends too early"),
        ("A -> -> B", 1, 6, '"->" cannot stand here'),
        ("start\nA -> b", 1, 6, "the statement ends too early"),
        ("A -> b\nB -> c [", 2, 9, "the file ends too early"),
        ("A -> let X = B X", 1, 16, '"X" cannot stand here'),
        ("A -> b:1/0", 1, 8, "nothing can be divided by 0"),
        ("A -> b:1/7", 1, 8, "a length must be a multiple of 1/48 bar"),
        ("A -> b:2000", 1, 8, "a length must be at most 1024 bars"),
        ("A -> b ? c", 1, 8, '"?" cannot stand here'),
    ],
)
def test_what_cannot_be_read_is_pointed_at(text: str, line: int, column: int, message: str) -> None:
    assert refusal(text) == (line, column, message)


def test_the_error_shows_the_line_and_a_caret() -> None:
    with pytest.raises(GrammarError) as caught:
        parse_grammar('start A\nA -> "b" Brigde\nBridge -> "c"', "form.grammar")
    assert str(caught.value).splitlines()[:3] == [
        'form.grammar:2:10: unknown symbol "Brigde"',
        '  A -> "b" Brigde',
        '           ^^^^^^ did you mean "Bridge"?',
    ]


def test_deep_nonsense_is_refused_quickly() -> None:
    assert refusal("(" * 100_000)[:2] == (1, 1)
