"""Loading: compiled where the text is as fitted, parsed where it is not, learnt weights kept where they hold."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import GrammarError, UsageError
from engine.files import data_dir
from engine.grammar import BAR, derive, load_grammar, parse_grammar
from engine.grammar.load import compiled
from engine.grammar.model import from_data
from engine.models.tables import Table, header, pack
from engine.stream import Stream

TEXT = 'start A:4\nlength x = 2 | 4\nA -> "x":4 [1 one] | B:2 "x":2 [1 two]\nB -> "y" [1 by] | "z" [1 bz]\n'


@pytest.fixture
def fitted(tmp_path: Path) -> Path:
    """A grammar file and a folder of models that learnt other weights for it."""
    (tmp_path / "my-form.grammar").write_text(TEXT)
    prior = parse_grammar(TEXT)
    learnt = prior.with_weights({"one": 10_000, "two": 55_536, "by": 1, "bz": 65_535})
    learnt = replace(learnt, lengths={"x": ((2 * BAR, 7), (4 * BAR, 9))})
    entries, arrays = compiled(prior, learnt)
    facts = header(corpus="-", licence="-", command="-", date="-", about="-", **entries)
    (tmp_path / "form.npz").write_bytes(pack(Table(dict(facts), arrays)))
    return tmp_path


def weights(folder: Path) -> dict[str, int]:
    grammar = load_grammar(folder / "my-form.grammar", folder)
    return {rule.label: rule.weight for rule in grammar.all_rules()}


def test_learnt_weights_and_lengths_are_found(fitted: Path) -> None:
    grammar = load_grammar(fitted / "my-form.grammar", fitted)
    assert weights(fitted) == {"one": 10_000, "two": 55_536, "by": 1, "bz": 65_535}
    assert grammar.lengths == {"x": ((2 * BAR, 7), (4 * BAR, 9))}


def test_without_models_the_weights_of_the_file_hold(tmp_path: Path) -> None:
    (tmp_path / "my-form.grammar").write_text(TEXT)
    assert set(weights(tmp_path).values()) == {32_768}


def test_an_edited_symbol_has_the_weights_of_the_file_and_others_keep_theirs(fitted: Path) -> None:
    (fitted / "my-form.grammar").write_text(TEXT.replace('"y" [1 by]', '"y" [3 by]'))
    assert weights(fitted) == {"one": 10_000, "two": 55_536, "by": 49_152, "bz": 16_384}


def test_a_comment_changes_no_weight(fitted: Path) -> None:
    before = weights(fitted)
    (fitted / "my-form.grammar").write_text(TEXT + "% a thought\n")
    assert weights(fitted) == before


def test_another_file_is_imported_and_its_symbols_replaced(tmp_path: Path) -> None:
    (tmp_path / "base.grammar").write_text(TEXT)
    (tmp_path / "mine.grammar").write_text('import "base.grammar"\nB -> "own"\n')
    grammar = load_grammar(tmp_path / "mine.grammar", tmp_path)
    assert [rule.label for rule in grammar.all_rules()] == ["one", "two", "B.1"]
    assert "own" in {leaf.symbol for s in range(20) for leaf, _ in derive(grammar, "A", 192, Stream.of(s)).leaves()}


def test_problems_of_an_imported_file_are_told_there(tmp_path: Path) -> None:
    (tmp_path / "base.grammar").write_text('start A\nA -> "x" Nope\n')
    (tmp_path / "mine.grammar").write_text('import "base.grammar"\n')
    with pytest.raises(GrammarError, match=r'base\.grammar:2:10: unknown symbol "Nope"'):
        load_grammar(tmp_path / "mine.grammar", tmp_path)


def test_a_grammar_survives_being_data() -> None:
    grammar = parse_grammar('start A:8\nA -> let P = B:n/2 in P P.end(C:1)\nB:4.. -> "x"\nC -> "y"')
    assert from_data(grammar.to_data()).to_data() == grammar.to_data()


def test_an_unknown_name_is_met_with_the_nearest() -> None:
    with pytest.raises(GrammarError) as caught:
        load_grammar("rock-from")
    assert caught.value.hint == 'did you mean "rock-form"?'


def test_weights_are_multiplied_by_percent() -> None:
    grammar = parse_grammar(TEXT).reweigh({"one": 50, "by": 0})
    assert [rule.weight for rule in grammar.all_rules()] == [16_384, 32_768, 0, 32_768]


def test_an_unknown_label_is_refused() -> None:
    with pytest.raises(UsageError, match='no rule "three"'):
        parse_grammar(TEXT).reweigh({"three": 50})


@pytest.mark.parametrize("path", sorted(data_dir("grammars").glob("*.grammar")), ids=lambda path: path.stem)
def test_packaged_grammars_need_no_parser(path: Path) -> None:
    code = (
        "import sys; from engine.grammar import load_grammar; "
        f"load_grammar({path.stem!r}); sys.exit('lark' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=path.parent.parent, check=False).returncode == 0
