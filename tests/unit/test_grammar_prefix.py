from __future__ import annotations

from functools import lru_cache
from math import log2

import numpy as np
import pytest

from engine.grammar.expect import Expect
from engine.grammar.load import find, parse_grammar, read
from engine.grammar.model import BAR, Grammar
from engine.grammar.prefix import END, Prefix
from engine.models.hidden import Syntax
from engine.models.viewpoints import Space
from engine.train.fit_syntax import Songs

SONG = ["intro", "verse", "chorus", "verse", "chorus", "bridge", "chorus", "outro"]
SYNTAX = Syntax("rock-form", "Song", ("intro", "verse", "chorus", "bridge", "outro", ""))


@lru_cache(maxsize=1)
def form() -> Grammar:
    path = find("rock-form")
    return parse_grammar(read(path), path.name)


def toy(rules: str) -> Prefix:
    return Prefix(parse_grammar(f"start S\nterminals a b\n\n{rules}\n", "toy.grammar"))


def test_rules_are_chosen_by_weight() -> None:
    first, second = toy("S -> a b [3] | b [1]").expect("S", ["a", "b"])
    assert first is not None
    assert first.chances == {"a": 0.75, "b": 0.25}
    assert second is not None
    assert second.chances == {"b": 1.0}


def test_the_end_is_expected_too() -> None:
    # a may be followed by another S with 1/4.
    second = toy("S -> a S [1] | a [3]").expect("S", ["a", END])[1]
    assert second is not None
    assert second.chances == {"a": 0.25, END: 0.75}


def test_a_shared_subtree_comes_back_as_it_was() -> None:
    last = toy("S -> let X = T in X X\nT -> a [1] | b b [1]").expect("S", ["b", "b", "b", "b"])[2]
    assert last is not None
    assert last.chances == {"b": 1.0}


def test_what_cannot_be_derived_is_not_expected() -> None:
    assert toy("S -> a b").expect("S", ["b", "a"])[1] is None


def test_the_chance_of_a_song_is_that_of_all_its_derivations() -> None:
    bits = Expect(form(), [("Song", tuple((label, BAR) for label in SONG))], labels_only=True).bits(form())[0]
    expected = Prefix(form()).expect("Song", [*SONG, END])
    found = -sum(log2(row.chances[label]) for row, label in zip(expected, [*SONG, END], strict=True) if row)
    assert found == pytest.approx(bits, abs=0.05)


def test_the_grammar_learns_from_songs() -> None:
    short, long = [0, 1, 2, 1, 2, 4, 5], [0, 1, 2, 1, 2, 3, 2, 4, 5]
    events = np.array(short * 30 + long, dtype=np.int64)
    songs = np.repeat(np.arange(31), [7] * 30 + [9])
    packed, space = Songs(SYNTAX, events, songs), Space(6, {})
    last = np.array(long), np.zeros(9, dtype=np.int64)
    with_it, trust = packed.fit().look(space, {}, *last)
    without, _ = packed.fit(frozenset([30])).look(space, {}, *last)
    assert with_it[5, 3] < without[5, 3]  # the bridge
    assert trust.min() >= 1


def test_a_song_without_derivation_is_not_trusted() -> None:
    events = np.array([5, 5, 0], dtype=np.int64)
    costs, trust = (
        Songs(SYNTAX, events, np.zeros(3, dtype=np.int64))
        .fit()
        .look(Space(6, {}), {}, events, np.zeros(3, dtype=np.int64))
    )
    assert trust[2] == 0
    assert len(set(costs[2].tolist())) == 1
