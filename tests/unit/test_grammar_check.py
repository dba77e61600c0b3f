"""What is wrong with a grammar is said, all at once, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import GrammarError
from engine.files import data_dir
from engine.grammar import BAR, check_file, derive, parse_grammar
from engine.stream import Stream


def problems(tmp_path: Path, text: str) -> list[tuple[int, int, str]]:
    file = tmp_path / "x.grammar"
    file.write_text(text)
    return [(p.place[1], p.place[2], p.message) for p in check_file(file)]


def test_a_sound_grammar_has_no_problems(tmp_path: Path) -> None:
    assert problems(tmp_path, "start A:4\nA -> B:n/2 B:n/2 | B:n\nB -> 'x'".replace("'", '"')) == []


@pytest.mark.parametrize("path", sorted(data_dir("grammars").glob("*.grammar")), ids=lambda path: path.stem)
def test_the_packaged_grammars_are_sound(path: Path) -> None:
    assert check_file(path) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('start A\nA -> B "x"', (2, 6, 'unknown symbol "B"')),
        ('start A\nA -> "x"\nB -> "y"', (3, 6, '"B" cannot be reached from "A"')),
        ('start A\nA -> "x" | B:1\nB -> B "y"', (3, 6, '"B" can never end: B -> B')),
        ('start A\nA -> "x" [0] | "y"', (2, 6, "weight 0: this alternative can never be chosen")),
        ('start A\nA -> B\nB -> A | "x"', (2, 6, "loops for ever: A -> B -> A")),
        ('start A\nA -> let X = A in X | "x"', (2, 6, "loops for ever: A -> A")),
        ('start A\nA -> A A | "x" | ()', (2, 6, "loops for ever: A -> A")),
        ('start A:3\nA -> "x":2', (2, 6, '"A" cannot fill 3 bars')),
        ('start A\nA -> B:3\nB -> "x":2', (2, 6, '"B" cannot fill 3 bars')),
        ('start A\nA:4 -> "x":2 "y":1', (2, 8, "the parts take 3 bars, but the rule is for 4 bars")),
        ('start A\nA -> "x":1/8', (2, 6, "1/8 bar does not lie on the grid of 1/4 bar")),
        (
            'start A\nA -> B\nB -> X | let X = C in X C\nC -> "x"',
            (3, 6, 'the shared name "X" is not bound on the way A -> B'),
        ),
        ('start A\nA -> P.end(B:1)\nB -> "x"', (2, 6, 'no shared subtree "P"')),
        ('start A\nA -> let P = "x":2 in P.end("y")', (2, 23, "another ending needs a length")),
        ('start A\nA -> let B = "x" in B\nB -> "y"', (2, 10, '"B" is a symbol already')),
        ("start A\nterminals numerals\nA -> let V = I in V", (3, 10, '"V" is a Roman numeral here')),
        ('start A\nterminals A\nA -> "x"', (2, 11, '"A" is a terminal and has rules too')),
        ('start A\nA -> "x" [one] | "y" [one]', (2, 18, 'the label "one" is taken by line 2')),
        ('start A\nlength x = 2 | 2\nA -> "x"', (2, 8, 'a length of "x" is given twice')),
        ('A -> "x"', (0, 0, "no start symbol")),
        ('start B\nA -> "x"', (1, 7, 'unknown symbol "B"')),
        ('start A\nimport nowhere\nA -> "x"', (2, 8, 'unknown grammar "nowhere"')),
    ],
)
def test_each_fault_is_found_at_its_place(tmp_path: Path, text: str, expected: tuple[int, int, str]) -> None:
    assert expected in problems(tmp_path, text)


def test_all_problems_are_told_together(tmp_path: Path) -> None:
    found = problems(tmp_path, 'start A\nA -> Bc | "x" [0]\nBd -> Bd\nC:2 -> "x":1')
    assert [line for line, _, _ in found] == [2, 2, 3, 3, 4, 4]


def test_a_loop_with_something_beside_it_is_no_loop() -> None:
    parse_grammar('start A:4\nA -> A "x":1 | "x"')


def test_a_loop_at_one_length_only_is_found() -> None:
    with pytest.raises(GrammarError, match="loops for ever: A -> B -> A"):
        parse_grammar('start A:8\nA:8 -> B:4 B:4\nA:4 -> B:4 | "x"\nB:4 -> A:4 | "y"')


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(GrammarError, match=r"cannot read the grammar .*none\.grammar: no such file"):
        check_file(tmp_path / "none.grammar")


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    (tmp_path / "big.grammar").write_text("% " + "x" * 300_000)
    with pytest.raises(GrammarError, match="too large"):
        check_file(tmp_path / "big.grammar")


def test_a_file_that_imports_itself_is_refused(tmp_path: Path) -> None:
    assert problems(tmp_path, 'start A\nimport "x.grammar"\nA -> "x"')[0][2] == '"x.grammar" imports itself'


def test_a_grammar_with_too_many_ways_is_refused(tmp_path: Path) -> None:
    lets = ", ".join(f"X{k} = A" for k in range(6))
    uses = " ".join(f"X{k}" for k in range(6))
    text = f'start S:256\ngrid 1/48\nS -> let {lets} in {uses}\nA -> "x" | "y" A'
    assert "too many ways" in problems(tmp_path, text)[0][2]


def test_a_grammar_with_too_many_rules_is_refused(tmp_path: Path) -> None:
    rules = " | ".join(f'"x{k}"' for k in range(2001))
    assert problems(tmp_path, f"start A\nA -> {rules}") == [(2, 1, "a grammar may have at most 2000 rules")]


def test_a_grid_of_nothing_is_refused(tmp_path: Path) -> None:
    assert (2, 1, "a grid must be longer than nothing") in problems(tmp_path, 'start A\ngrid 0\nA -> "x":1')


def test_a_grammar_that_nests_too_deeply_is_refused() -> None:
    grammar = parse_grammar('start A\nA -> "x":1 A | "x":1')
    with pytest.raises(GrammarError, match="nests too deeply"):
        derive(grammar, "A", 1000 * BAR, Stream.of(1))
    assert derive(grammar, "A", 4 * BAR, Stream.of(1)).length == 4 * BAR
