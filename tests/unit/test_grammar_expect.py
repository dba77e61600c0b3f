"""Training: derivations of what is observed, their expected counts, and weights from them."""

from __future__ import annotations

import pytest

from engine.grammar import BAR, derive, parse_grammar
from engine.grammar.best import best
from engine.grammar.expect import Expect, expected_counts, refit
from engine.grammar.inside import Inside
from engine.grammar.parse import parse, tokens, untimed
from engine.stream import Stream

COIN = 'start S\nlength x = 1\nlength y = 1\nS -> "x" S [1 x] | "y" S [1 y] | () [2 stop]'


def test_two_bars_may_be_one_chord_or_two() -> None:
    grammar = parse_grammar('start S:4\nS -> "x":1 "x":1 "y":2 | "x":4')
    seen = Expect(grammar, [("S", [("x", 2 * BAR), ("y", 2 * BAR)]), ("S", [("x", BAR), ("x", BAR), ("y", 2 * BAR)])])
    assert seen.parsed == (True, True)


def test_what_cannot_be_derived_is_said() -> None:
    seen = Expect(parse_grammar('start S:4\nS -> "x":4'), [("S", [("y", 4 * BAR)])])
    assert seen.parsed == (False,)
    assert seen.bits(parse_grammar('start S:4\nS -> "x":4')) == [None]


def test_bits_are_those_counted_by_hand() -> None:
    # x y stop: 1/4 * 1/4 * 1/2.
    grammar = parse_grammar(COIN)
    assert Expect(grammar, [("S", tokens("xy"))], labels_only=True).bits(grammar) == [pytest.approx(5.0)]


def test_ambiguity_is_shared_out() -> None:
    # Two ways to the same leaf, one three times as likely.
    grammar = parse_grammar('start S\nS -> A [3 by-a] | B [1 by-b]\nA -> "x"\nB -> "x"')
    counts = expected_counts(grammar, [("S", [("x", BAR)])] * 8)
    assert counts["by-a"] == pytest.approx(6)
    assert counts["by-b"] == pytest.approx(2)


def test_spans_of_a_shared_name_must_sound_the_same() -> None:
    grammar = parse_grammar(
        'start S:4\ngrid 1\nS -> let P = A:2 in P P [same] | A:2 A:2 [two]\nA -> B:1 B:1\nB -> "x" | "y"'
    )
    same = expected_counts(grammar, [("S", [(t, BAR) for t in "xyxy"])])
    other = expected_counts(grammar, [("S", [(t, BAR) for t in "xyyx"])])
    assert other["two"] == pytest.approx(1) and "same" not in other
    # The shared way draws four leaves fewer: 1/4 against 1/16.
    assert same["same"] == pytest.approx(4 / 5)


def test_a_shared_subtree_is_counted_once() -> None:
    grammar = parse_grammar('start S:4\nS -> let P = A:2 in P P\nA -> "x" [ax] | "y" [ay]')
    counts = expected_counts(grammar, [("S", [("x", 4 * BAR)])])
    assert counts["ax"] == pytest.approx(1)


def test_another_ending_is_recognised() -> None:
    grammar = parse_grammar('start S:8\nS -> let P = "x":4 in P P.end(E:1)\nE -> "y" [ey] | "z" [ez]')
    counts = expected_counts(grammar, [("S", [("x", 7 * BAR), ("z", BAR)])])
    assert counts["ez"] == pytest.approx(1)


def test_names_bound_above_are_used_below() -> None:
    grammar = parse_grammar("start S\nS -> let V = verse, C = chorus in R\nterminals verse chorus\nR -> V R | C R | ()")
    seen = Expect(grammar, [("S", tokens(["verse", "chorus", "verse"])), ("S", tokens(["verse"]))], labels_only=True)
    assert seen.parsed == (True, True)


def test_training_finds_the_weights_that_songs_were_drawn_with() -> None:
    true = parse_grammar('start S:4\nS -> A:2 A:2 [1 two] | let P = A:2 in P P [3 same]\nA -> "x" [4] | "y" | "z"')
    songs = []
    for seed in range(600):
        tree = derive(true, "S", 4 * BAR, Stream.of(seed))
        songs.append(("S", [(leaf.symbol, leaf.length) for leaf, _ in tree.leaves()]))
    flat = true.with_weights({rule.label: 20_000 for rule in true.all_rules()})
    learnt = Expect(flat, songs).fit(flat, rounds=40, strength=0.1)
    weights = {rule.label: rule.weight for rule in learnt.all_rules()}
    assert weights["same"] / 65_536 == pytest.approx(0.75, abs=0.06)
    assert weights["A.1"] / 65_536 == pytest.approx(4 / 6, abs=0.05)


def test_each_round_makes_the_songs_likelier() -> None:
    grammar = parse_grammar(COIN)
    seen = Expect(grammar, [("S", tokens(word)) for word in ("xxy", "xx", "yx", "x", "xxxxy")], labels_only=True)
    bits = [sum(b or 0 for b in seen.bits(seen.fit(grammar, rounds=n, strength=0.0))) for n in range(4)]
    assert bits == sorted(bits, reverse=True)


def test_without_songs_the_given_weights_stay() -> None:
    grammar = parse_grammar(COIN)
    found = refit(grammar, grammar, {}, 4.0, grammar)
    assert [r.weight for r in found.all_rules()] == [r.weight for r in grammar.all_rules()]


def test_rules_compete_only_where_both_may_be_used() -> None:
    # At 2 bars only "b" may be used, so its uses there say nothing about its weight against "a".
    grammar = parse_grammar('start S:2,4\nS:4 -> "a" [1 a]\nS:2,4 -> "b" [1 b]')
    counts = {("a", 4 * BAR): 30.0, ("b", 4 * BAR): 10.0, ("b", 2 * BAR): 500.0}
    weights = [rule.weight for rule in refit(grammar, grammar, counts, 0.0, grammar).all_rules()]
    assert weights[0] / sum(weights) == pytest.approx(0.75, abs=0.01)


def test_the_likeliest_derivation_is_found_with_its_sharing() -> None:
    grammar = parse_grammar(
        'start S\nS -> let V = "v", C = "c" in V C R [song]\nR -> C [last] | V C [again] | "v" R [odd]'
    )
    forest = parse(Inside(untimed(grammar)), "S", tokens("vcvc"))
    assert forest is not None
    tree = best(forest, grammar)
    assert [(leaf.symbol, leaf.share) for leaf, _ in tree.leaves()] == [("v", "V"), ("c", "C"), ("v", "V"), ("c", "C")]
    assert tree.children[2].label == "again"
