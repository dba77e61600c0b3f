"""Any grammar: what is derived fills its length, can be parsed again, and follows its rules."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.errors import GrammarError
from engine.grammar import BAR, Grammar, Node, derive, parse_grammar
from engine.grammar.expect import Expect
from engine.grammar.inside import ONE, Inside
from engine.grammar.model import Rule
from engine.stream import Stream

PARTS = ('"x":1', '"y":1/2', '"z"', "B:n/2", "B:1", "C", "P", "P'", "P.end(C:1/2)")


@st.composite
def grammars(draw: st.DrawFn) -> str:
    """A grammar whose symbols only use later ones, so that all of them end."""

    def right(parts: tuple[str, ...], bound: bool) -> str:
        alternatives = []
        for _ in range(draw(st.integers(1, 3))):
            chosen = draw(st.lists(st.sampled_from(parts), min_size=1, max_size=4))
            let = f"let P = {draw(st.sampled_from(('C:1', 'C:n/4', 'C')))} in " if bound else ""
            alternatives.append(f"{let}{' '.join(chosen)} [{draw(st.integers(1, 9))}]")
        return " | ".join(alternatives)

    lines = [
        f"A -> {right(PARTS, True)}",
        f"B -> {right((PARTS[0], PARTS[1], PARTS[2], 'C', 'C:n/2'), False)}",
        f"C -> {right(PARTS[:3], False)}",
    ]
    return "start A\ngrid 1/4\n" + "\n".join(lines)


def sound(text: str) -> Grammar | None:
    # Drawn at random, B may be out of reach, or a part unable to fill what it is given.
    try:
        return parse_grammar(text)
    except GrammarError:
        return None


def contiguous(node: Node) -> bool:
    at = node.start
    for child in node.children:
        if child.start != at or not contiguous(child):
            return False
        at += child.length
    return not node.label or at == node.start + node.length


def enumerate_weight(grammar: Grammar, symbol: str, n: int, env: dict[str, int]) -> Fraction:
    """The inside weight by plain recursion over all ways, without tables: what the engine must agree with."""
    rules = grammar.rules.get(symbol)
    if rules is None:
        return Fraction(int(n > 0))
    usable = [rule for rule in rules if rule.fits(n)]
    total = sum(rule.weight for rule in usable)
    return sum((Fraction(r.weight, total) * body(grammar, r, 0, n, n, env) for r in usable), Fraction(0))


def body(grammar: Grammar, rule: Rule, k: int, left: int, n: int, env: dict[str, int]) -> Fraction:
    if k == len(rule.items):
        return Fraction(int(left == 0))
    item = rule.items[k]
    if item.kind == "use":
        size = env[item.name]
        if size > left:
            return Fraction(0)
        weight = Fraction(1)
        if item.change == "end":
            end = item.length.of(n) if item.length else None
            if end is None or not 0 < end < size:
                return Fraction(0)
            weight = enumerate_weight(grammar, item.symbol, end, env)
        return weight * body(grammar, rule, k + 1, left - size, n, env)
    if item.length is None:
        sizes = range(grammar.grid, left + 1, grammar.grid)
    else:
        whole = item.length.of(n)
        fits = whole is not None and 0 < whole <= left and whole % grammar.grid == 0
        sizes = range(whole or 0, (whole or 0) + 1) if fits else range(0)
    total = Fraction(0)
    for size in sizes:
        weight = enumerate_weight(grammar, item.symbol, size, env)
        if weight and item.kind == "bind":
            total += weight * body(grammar, rule, k + 1, left, n, {**env, item.name: size})
        elif weight:
            total += weight * body(grammar, rule, k + 1, left - size, n, env)
    return total


@settings(max_examples=60, deadline=None)
@given(grammars(), st.integers(1, 10))
def test_inside_weights_agree_with_plain_enumeration(text: str, quarters: int) -> None:
    grammar = sound(text)
    if grammar is None:
        return
    n = quarters * grammar.grid
    exact = enumerate_weight(grammar, "A", n, {})
    found = Fraction(Inside(grammar).weigh("A", n)[0], ONE)
    # Rounded up at each step, never down.
    assert exact <= found <= exact + Fraction(1, 1 << 150)
    assert (found == 0) == (exact == 0)


@settings(max_examples=60, deadline=None)
@given(grammars(), st.integers(1, 16), st.integers(0, 1 << 30))
def test_what_is_derived_fills_its_length_and_can_be_parsed(text: str, quarters: int, seed: int) -> None:
    grammar = sound(text)
    if grammar is None:
        return
    n = quarters * grammar.grid
    if not Inside(grammar).weigh("A", n)[0]:
        with pytest.raises(GrammarError, match="cannot fill"):
            derive(grammar, "A", n, Stream.of(seed))
        return
    tree = derive(grammar, "A", n, Stream.of(seed))
    assert tree.length == n and contiguous(tree)
    assert derive(grammar, "A", n, Stream.of(seed)) == tree
    # What is bound and not used leaves no trace to parse.
    assume(all(uses(rule, item.name) for rule in grammar.all_rules() for item in rule.items if item.kind == "bind"))
    observed = [(leaf.symbol, leaf.length) for leaf, _ in tree.leaves()]
    assert Expect(grammar, [("A", observed)]).parsed == (True,)


def uses(rule: Rule, name: str) -> bool:
    return any(item.kind == "use" and item.name == name for item in rule.items)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="ABxyn:|->[](){}\"' \n%/.=,0123456789let instart'", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse_grammar(text)
    except GrammarError as error:
        assert str(error)
    assert BAR == 48
