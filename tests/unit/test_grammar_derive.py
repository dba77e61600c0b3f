"""Derivations: drawn exactly, shared as written, each node from its own place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

import pytest

from engine.errors import GrammarError
from engine.grammar import BAR, Grammar, Node, derive, parse_grammar
from engine.grammar.derive import Memory
from engine.grammar.inside import ONE, Inside
from engine.grammar.tree import from_data
from engine.stream import Stream


def leaves(tree: Node) -> list[tuple[str, Fraction]]:
    return [(leaf.symbol, Fraction(leaf.length, BAR)) for leaf, _ in tree.leaves()]


def many(grammar: Grammar, symbol: str, length: int | None, count: int = 400) -> Iterator[Node]:
    return (derive(grammar, symbol, length, Stream.of(seed)) for seed in range(count))


def nodes(tree: Node) -> Iterator[Node]:
    yield tree
    for child in tree.children:
        yield from nodes(child)


def chi_square(counts: Counter[object], expected: dict[object, Fraction]) -> float:
    total = sum(counts.values())
    assert set(counts) <= set(expected)
    return float(sum((counts[key] - total * p) ** 2 / (total * p) for key, p in expected.items()))


def test_a_symbol_is_cut_as_its_rule_says() -> None:
    grammar = parse_grammar('start A:4\nA -> "x":n/4 "y":3n/4')
    assert leaves(derive(grammar, "A", 4 * BAR, Stream.of(1))) == [("x", 1), ("y", 3)]


def test_an_open_part_takes_what_is_left() -> None:
    grammar = parse_grammar('start A:4\nA -> "x":1 "y" "z":1/2')
    assert leaves(derive(grammar, "A", 4 * BAR, Stream.of(1)))[1] == ("y", Fraction(5, 2))


def test_a_rule_for_one_length_is_used_at_no_other() -> None:
    grammar = parse_grammar('start A:2,4\nA:4 -> "four"\nA:2 -> "two"\nA:1.. -> "any" [1/100]')
    assert {leaves(t)[0][0] for t in many(grammar, "A", 2 * BAR)} <= {"two", "any"}


def test_inside_weights_are_those_counted_by_hand() -> None:
    # A fills 2 bars as x (1/4), or as B B (3/4) where B fills one bar half the time.
    grammar = parse_grammar('start A:2\nA -> "x" [1] | B:1 B:1 [3]\nB -> "y":1 | "z":2')
    assert Inside(grammar).weigh("A", 2 * BAR)[0] == ONE // 4 + 3 * ONE // 16


def test_draws_follow_the_inside_weights() -> None:
    grammar = parse_grammar('start A:2\nA -> "x" [1] | B:1 B:1 [3]\nB -> "y":1 | "z":2')
    counts = Counter(leaves(tree)[0][0] for tree in many(grammar, "A", 2 * BAR, 1000))
    assert chi_square(counts, {"x": Fraction(4, 7), "y": Fraction(3, 7)}) < 10.8  # 0.1 percent, one degree


def test_lengths_shared_among_open_parts_are_drawn_exactly() -> None:
    # All ways to cut three bars, those that a table favours being likelier.
    grammar = parse_grammar('start A:3\ngrid 1\nlength B = 1 [3] | 2 [1]\nA -> B C\nB -> "x"\nC -> "y"')
    counts = Counter(leaves(tree)[0][1] for tree in many(grammar, "A", 3 * BAR, 1000))
    assert chi_square(counts, {Fraction(1): Fraction(3, 4), Fraction(2): Fraction(1, 4)}) < 10.8


def test_a_shared_subtree_is_the_same_in_all_uses() -> None:
    grammar = parse_grammar('start A:8\nA -> let P = B:2 in P P\' B:2 P\nB -> "x" B:n/2 | "y" "z":n/2 | "w"')
    for tree in many(grammar, "A", 8 * BAR, 50):
        first, again, _, last = tree.children
        assert again.moved(-2 * BAR).children == first.children == last.moved(-6 * BAR).children
        assert [node.share for node in tree.children] == ["P", "P", "", "P"]
        assert again.change == "vary"


def test_another_ending_replaces_the_last_bars_alone() -> None:
    grammar = parse_grammar('start A:8\nA -> let P = B:4 in P P.end(C:1)\nB -> "x":3 "y":1\nC -> "z"')
    tree = derive(grammar, "A", 8 * BAR, Stream.of(1))
    assert leaves(tree) == [("x", 3), ("y", 1), ("x", 3), ("z", 1)]
    assert tree.children[1].change == "end"


def test_an_ending_cuts_what_it_meets() -> None:
    grammar = parse_grammar('start A:8\nA -> let P = "x":4 in P P.end("y":1)')
    assert leaves(derive(grammar, "A", 8 * BAR, Stream.of(1))) == [("x", 4), ("x", 3), ("y", 1)]


def test_shared_names_reach_down_and_the_latest_counts() -> None:
    text = 'start A:4\nA -> let X = "x":1 in B X\nB -> X let_ | X\nlet_ -> "q":2 | "r":2'
    tree = derive(parse_grammar(text), "A", 4 * BAR, Stream.of(3))
    assert leaves(tree)[0][0] == "x"
    inner = parse_grammar('start A:2\nA -> let X = "x":1 in B X\nB -> let X = "y":1 in C\nC -> X')
    assert leaves(derive(inner, "A", 2 * BAR, Stream.of(3))) == [("y", 1), ("x", 1)]


def test_a_shared_subtree_may_be_empty() -> None:
    grammar = parse_grammar('start A:2\nA -> let G = Gap in "x":1 G "x" G\nGap -> () | "g":1/4')
    found = {tuple(name for name, _ in leaves(tree)) for tree in many(grammar, "A", 2 * BAR)}
    assert found == {("x", "x"), ("x", "g", "x", "g")}


def test_two_bindings_of_a_name_are_two_shares() -> None:
    grammar = parse_grammar('start A:4\nA -> B:2 B:2\nB -> let P = "x":1 in P P')
    tree = derive(grammar, "A", 4 * BAR, Stream.of(1))
    assert [leaf.share for leaf, _ in tree.leaves()] == ["P", "P", "P#2", "P#2"]


def test_a_terminal_can_be_asked_for_so_many_times() -> None:
    grammar = parse_grammar('start A\nlength x = 1\nlength y = 1\nA -> "x":1 A | "y":1 A | ()')
    for seed in range(100):
        tree = derive(grammar, "A", 4 * BAR, Stream.of(seed), counted="x", least=3)
        assert sum(leaf.symbol == "x" for leaf, _ in tree.leaves()) >= 3


def test_counting_weighs_exactly() -> None:
    # Of 16 equal rows of four, 5 have x three times or more; one of them has only x.
    grammar = parse_grammar('start A\nlength x = 1\nlength y = 1\nA -> "x":1 A | "y":1 A | ()')
    trees = [derive(grammar, "A", 4 * BAR, Stream.of(s), counted="x", least=3) for s in range(1000)]
    counts = Counter(sum(leaf.symbol == "x" for leaf, _ in tree.leaves()) for tree in trees)
    assert chi_square(counts, {3: Fraction(4, 5), 4: Fraction(1, 5)}) < 10.8


def test_counting_sees_through_sharing() -> None:
    grammar = parse_grammar('start A:4\nA -> let P = B:1 in P P C:2\nB -> "x" | "y"\nC -> "x":1 "y":1 | "y":2')
    for seed in range(50):
        tree = derive(grammar, "A", 4 * BAR, Stream.of(seed), counted="x", least=2)
        assert leaves(tree)[0] == ("x", 1)


def test_a_length_may_be_chosen_among_weighted_ones() -> None:
    grammar = parse_grammar('start A\nA -> "x"')
    wanted = {2 * BAR: 3, 4 * BAR: 1}
    counts = Counter(derive(grammar, "A", wanted, Stream.of(seed)).length for seed in range(1000))
    assert chi_square(counts, {2 * BAR: Fraction(3, 4), 4 * BAR: Fraction(1, 4)}) < 10.8


def test_without_a_length_rules_are_taken_by_weight_alone() -> None:
    grammar = parse_grammar('start A\nlength x = 4 [3] | 8\nA -> "x" A [1] | "x" [3]')
    counts = Counter(len(leaves(tree)) for tree in many(grammar, "A", None, 1000))
    assert 700 < counts[1] < 800


def test_without_a_length_enough_is_enough() -> None:
    grammar = parse_grammar('start A\nlength x = 4\nA -> "x" A [999] | () [1]')
    assert derive(grammar, "A", None, Stream.of(1), enough=40 * BAR).length == 40 * BAR


def test_what_cannot_be_filled_is_refused() -> None:
    grammar = parse_grammar('start A:4\nA -> "x":4')
    with pytest.raises(GrammarError, match='"A" cannot fill 3 bars'):
        derive(grammar, "A", 3 * BAR, Stream.of(1))


def test_a_subtree_depends_on_its_place_alone() -> None:
    one = parse_grammar('start A:4\nA -> B:2 C:2\nB -> "x" | "y" | "z"\nC -> "p" | "q" | "r"')
    two = parse_grammar('start A:4\nA -> B:2 C:2\nB -> "x" [9] | "y" | "z" [9]\nC -> "p" | "q" | "r"')
    for seed in range(50):
        a, b = (derive(g, "A", 4 * BAR, Stream.of(seed)) for g in (one, two))
        assert a.children[1] == b.children[1]


def test_a_tree_survives_being_data() -> None:
    grammar = parse_grammar('start A:8\nA -> let P = B:4 in P P.end(C:1)\nB -> "x":3 "y":1\nC -> "z"')
    tree = derive(grammar, "A", 8 * BAR, Stream.of(1))
    assert from_data(tree.to_data()) == tree


def test_a_tree_is_drawn_with_bars_rules_and_sharing() -> None:
    grammar = parse_grammar('start A:8\nA -> let P = "x":4 in P P\' [twice]')
    assert derive(grammar, "A", 8 * BAR, Stream.of(1)).draw().splitlines() == [
        "A  8 bars from 0  [twice]",
        "├─ x  4 bars from 0  = P",
        "└─ x  4 bars from 4  = P'",
    ]


def test_leaves_can_be_given_other_lengths() -> None:
    grammar = parse_grammar('start A:2\nA -> B:1 "z":1\nB -> "x":1/2 "y":1/2')
    tree = derive(grammar, "A", 2 * BAR, Stream.of(1)).with_leaf_lengths(iter((48, 96, 144)))
    assert (tree.length, tree.children[0].length) == (288, 144)
    assert [leaf.start for leaf, _ in tree.leaves()] == [0, 48, 144]


def test_what_is_remembered_comes_again_where_it_must() -> None:
    grammar = parse_grammar('start A:2\nA:2 -> B:1 B:1\nB -> "x" | "y"')
    tree = Node("B", 0, BAR, "b", (Node("y", 0, BAR),))
    memory = Memory({("B", BAR): (tree,)}, {BAR: 65_536})
    for seed in range(5):
        found = derive(grammar, "A", 2 * BAR, Stream.of(seed), memory=memory)
        assert [(leaf.symbol, leaf.start) for leaf, _ in found.leaves()] == [("y", 0), ("y", BAR)]


def test_what_is_remembered_comes_as_often_as_it_should() -> None:
    grammar = parse_grammar('start A:1\nA:1 -> B\nB -> "x"')
    memory = Memory({("B", BAR): (Node("B", 0, BAR, "b", (Node("y", 0, BAR),)),)}, {BAR: 65_536 // 4})
    leaves = [next(derive(grammar, "A", BAR, Stream.of(s), memory=memory).leaves())[0].symbol for s in range(400)]
    assert 70 <= leaves.count("y") <= 130
