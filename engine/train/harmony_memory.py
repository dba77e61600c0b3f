"""How much of a song's harmony is said again: the chance that a part of a section is one of its verse or chorus.

Adaptor grammars (Johnson, Griffiths and Goldwater 2007) let whole subtrees of earlier derivations come again. Here
those of a song's first verse and first chorus may, which is what ``plan.harmony`` remembers. The chances are found
by expectation and maximisation over the likeliest derivations of the songs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import log2
from typing import NamedTuple

from engine.grammar.expect import Chances
from engine.grammar.model import BAR, Grammar
from engine.grammar.tree import Node
from engine.models.harmony import SPANS, span_class
from engine.plan.remember import ORDER, SOURCES, parts
from engine.train.chord_lines import Line

_ROUNDS = 20
_HALF = BAR // 2


class Chance(NamedTuple):
    """A part that could have come again: the class of its length, its chance if it did, and if it did not."""

    span: int
    again: float
    new: float


def opportunities(lines: Sequence[Line], trees: Sequence[Node], grammar: Grammar, shape: Grammar) -> list[Chance]:
    """Return the parts of a song's sections that could have come again, from its lines and their derivations.

    shape: the grammar that says at what lengths rules compete.
    """
    chances = Chances(grammar, shape)
    known: dict[tuple[str, int], list[tuple[str, ...]]] = defaultdict(list)
    found: list[Chance] = []
    order = sorted(range(len(lines)), key=lambda k: ORDER.index(lines[k].kind))
    remembered: set[str] = set()
    for k in order:
        tree, halves = trees[k], lines[k].halves
        if known:
            _look(tree, halves, known, chances, found)
        kind = lines[k].kind
        if kind in SOURCES and kind not in remembered:
            remembered.add(kind)
            for node in parts(tree):
                known[node.symbol, node.length].append(_yield(node, halves))
    return found


def _look(
    tree: Node,
    halves: Sequence[str],
    known: Mapping[tuple[str, int], list[tuple[str, ...]]],
    chances: Chances,
    found: list[Chance],
) -> None:
    seen: set[str] = set()
    stack = list(reversed(tree.children))
    while stack:
        node = stack.pop()
        if node.change == "end" or not node.label or (node.share and node.share in seen):
            continue
        seen.add(node.share)
        before = known.get((node.symbol, node.length), ())
        if span_class(node.length // BAR) >= 0 and before:
            words = _yield(node, halves)
            again = before.count(words) / len(before)
            found.append(Chance(span_class(node.length // BAR), again, 2.0 ** -_bits(node, chances)))
            if again:
                continue
        stack.extend(reversed(node.children))


def _yield(node: Node, halves: Sequence[str]) -> tuple[str, ...]:
    return tuple(halves[node.start // _HALF : (node.start + node.length) // _HALF])


def _bits(node: Node, chances: Chances) -> float:
    total, seen = 0.0, set[str]()
    stack = [node._replace(share="")]
    while stack:
        top = stack.pop()
        if top.change == "end":
            # The part itself has been counted where it came first; new is only its ending.
            stack.append(top.children[-1])
            continue
        if not top.label or (top.share and top.share in seen):
            continue
        seen.add(top.share)
        total -= log2(max(chances[top.label, top.length], 1e-9))
        stack.extend(top.children)
    return total


def fitted(found: Iterable[Chance]) -> tuple[float, ...]:
    """Return for each class of SPANS the chance that a part comes again, where something could."""
    by_span = defaultdict(list)
    for chance in found:
        by_span[chance.span].append(chance)
    weights = []
    for span in range(len(SPANS)):
        rows, weight = by_span[span], 0.3
        for _ in range(_ROUNDS if rows else 0):
            shares = [weight * row.again / (weight * row.again + (1 - weight) * row.new) for row in rows]
            weight = (sum(shares) + 0.5) / (len(rows) + 1)
        weights.append(weight if rows else 0.0)
    return tuple(weights)


def saved(found: Iterable[Chance], weights: Sequence[float]) -> float:
    """Return the bits that remembering saves on these parts."""
    return sum(log2((weights[row.span] * row.again + (1 - weights[row.span]) * row.new) / row.new) for row in found)
