"""All derivations of something observed, as a packed forest; sharing is honoured.

Top down over stretches of time, kept in a table (chart parsing). Where a rule binds a shared name, every
content the name can have is tried, and each use must show that content again.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from engine.errors import GrammarError
from engine.grammar.inside import MOST_ENTRIES, Inside
from engine.grammar.model import Grammar, Item, Length, Rule

Observed = Sequence[tuple[str, int]]  # (terminal, length in 1/48 bar)
Feature = tuple[str, int]  # a rule's label and the length it was used at, or "length SYMBOL" and a length drawn

_Shared = tuple[str, int, int, int]  # name, content, where the content was met, its length
_View = tuple[_Shared, ...]
_NOTHING: _Shared = ("", -1, 0, 0)


class Edge(NamedTuple):
    """One way to derive a node: what was chosen, the nodes below, and the step taken (for trees).

    Of a symbol's node: by ``rule``, its parts in the node ``after``. Of the rest of a rule: part ``k`` by the
    node ``below``, the parts after it by ``after``. -1 is a leaf, or nothing.
    """

    features: tuple[Feature, ...]
    rule: Rule
    k: int
    start: int
    length: int
    below: int
    after: int
    children: tuple[int, ...] = ()  # below and after, without leaves


class Forest(NamedTuple):
    """Derivations of one observation. edges[node]: the ways to derive it; children come before parents.

    The last node is the root. names[node]: symbol, or "" for the rest of a rule.
    """

    edges: tuple[tuple[Edge, ...], ...]
    names: tuple[str, ...]


def untimed(grammar: Grammar) -> Grammar:
    """Return the grammar of labels alone: every leaf takes one unit, all else is open."""

    def loosen(item: Item) -> Item:
        leaf = bool(item.symbol) and item.symbol not in grammar.rules
        return item._replace(length=Length(0, 1, 1) if leaf or item.change == "end" else None)

    rules = {
        symbol: tuple(rule._replace(items=tuple(map(loosen, rule.items)), spans=()) for rule in group)
        for symbol, group in grammar.rules.items()
    }
    return replace(grammar, rules=rules, lengths={}, grid=1, like=None)


def parse(table: Inside, start: str, observed: Observed) -> Forest | None:
    """Return all derivations of what was observed, or None.

    A terminal stretches over any time in which it alone is in force, so two bars of I may be I:2 or I:1 I:1.
    Under a grammar made ``untimed`` give every token the length 1 and a grid of its own (see ``tokens``).
    """
    return _Parser(table, observed).forest(start)


def tokens(labels: Sequence[str]) -> Observed:
    """Return labels as an observation for an ``untimed`` grammar."""
    return [(label, 1) for label in labels]


class _Parser:
    def __init__(self, table: Inside, observed: Observed) -> None:
        self._table = table
        self._rules = table.grammar.rules
        self._runs: list[tuple[int, int, str]] = []  # start, end, token
        at = 0
        for token, length in observed:
            # Under an untimed grammar (grid 1) tokens stay apart: two verses are not one long verse.
            if self._runs and self._runs[-1][2] == token and table.grammar.grid > 1:
                self._runs[-1] = (self._runs[-1][0], at + length, token)
            else:
                self._runs.append((at, at + length, token))
            at += length
        self._end = at
        self._begins = [run[0] for run in self._runs]
        self._contents: dict[tuple[tuple[str, int], ...], int] = {}
        self._known: dict[tuple[int, int], int] = {}
        self._nodes: dict[tuple[object, ...], int | None] = {}
        self._edges: list[tuple[Edge, ...]] = []
        self._names: list[str] = []

    def forest(self, start: str) -> Forest | None:
        root = self._symbol(start, 0, self._end, ())
        if root is None or root < 0:
            return None
        # Everything the root needs was made before it; what was made beside it is left out.
        needed = {-1, root}
        for node in range(root, -1, -1):
            if node in needed:
                needed.update(child for edge in self._edges[node] for child in (edge.below, edge.after))
        order = sorted(needed - {-1})
        number = {node: k for k, node in enumerate(order)} | {-1: -1}

        def packed(edge: Edge) -> Edge:
            below, after = number[edge.below], number[edge.after]
            return edge._replace(below=below, after=after, children=tuple(c for c in (below, after) if c >= 0))

        edges = tuple(tuple(packed(edge) for edge in self._edges[node]) for node in order)
        return Forest(edges, tuple(self._names[node] for node in order))

    def _symbol(self, symbol: str, t: int, n: int, view: _View) -> int | None:
        """Return the node of a symbol over a stretch; -1 for a leaf that is there, None where there is none."""
        rules = self._rules.get(symbol)
        if rules is None:
            return -1 if n > 0 and self._holds(symbol, t, n) else None
        view = self._seen(view, self._table.facts.names(symbol))
        key = (symbol, t, n, view)
        if key not in self._nodes:
            self._nodes[key] = None
            edges = []
            for rule in rules:
                if rule.weight and rule.fits(n):
                    below = self._rest(rule, 0, t, n, n, view)
                    if below is not None:
                        edges.append(Edge(((rule.label, n),), rule, -1, t, n, -1, below))
            self._nodes[key] = self._keep(edges, symbol)
        return self._nodes[key]

    def _rest(self, rule: Rule, k: int, t: int, left: int, n: int, view: _View) -> int | None:
        if k == len(rule.items):
            return None if left else -1
        facts = self._table.facts
        low, high = facts.span_from[rule.label][k]
        if not low <= left <= high:
            return None
        view = self._seen(view, facts.names_from[rule.label][k])
        key = (rule.label, k, t, left, n if facts.uses_n[rule.label][k] else 0, view)
        if key not in self._nodes:
            item = rule.items[k]
            if item.kind == "bind":
                edges = self._bind(rule, k, t, left, n, view)
            elif item.kind == "use":
                edges = self._use(rule, k, t, left, n, view)
            else:
                edges = []
                for length, _ in self._table.lengths(rule, k, left, n):
                    below = self._symbol(item.symbol, t, length, view)
                    if below is not None:
                        after = self._rest(rule, k + 1, t + length, left - length, n, view)
                        if after is not None:
                            drawn = self._drawn(item, length)
                            edges.append(Edge(drawn, rule, k, t, length, below, after))
            self._nodes[key] = self._keep(edges, "")
        return self._nodes[key]

    def _bind(self, rule: Rule, k: int, t: int, left: int, n: int, view: _View) -> list[Edge]:
        item = rule.items[k]
        others = tuple(row for row in view if row[0] != item.name)
        edges = []
        tried: set[int] = set()
        for length, _ in self._table.lengths(rule, k, left, n):
            for where in self._places(rule, k, t, left, length, n):
                content = self._content(where, length)
                if content in tried:
                    continue
                tried.add(content)
                below = self._symbol(item.symbol, where, length, view)
                if below is not None:
                    row = (item.name, content, where, length)
                    after = self._rest(rule, k + 1, t, left, n, tuple(sorted((*others, row))))
                    if after is not None:
                        drawn = self._drawn(item, length)
                        edges.append(Edge(drawn, rule, k, where, length, below, after))
        if not edges and item.symbol not in self._rules:
            # A leaf that nowhere sounds may be bound all the same: no use can then be made of it.
            after = self._rest(rule, k + 1, t, left, n, tuple(sorted((*others, (item.name, *_NOTHING[1:])))))
            if after is not None:
                edges.append(Edge((), rule, k, t, 0, -1, after))
        return edges

    def _use(self, rule: Rule, k: int, t: int, left: int, n: int, view: _View) -> list[Edge]:
        item = rule.items[k]
        edges = []
        for name, content, where, length in view:
            if name != item.name or content < 0 or length > left:
                continue
            below: int | None = -1
            if item.change == "end":
                size = item.length.of(n) if item.length else None
                if not size or size >= length or self._content(t, length - size) != self._content(where, length - size):
                    continue
                below = self._symbol(item.symbol, t + length - size, size, view)
            elif self._content(t, length) != content:
                continue
            after = None if below is None else self._rest(rule, k + 1, t + length, left - length, n, view)
            if below is not None and after is not None:
                edges.append(Edge((), rule, k, t, length, below, after))
        return edges

    def _places(self, rule: Rule, k: int, t: int, left: int, length: int, n: int) -> Sequence[int]:
        """Return where the content of a binding may stand: at its first use, if that is plain to see."""
        name, at = rule.items[k].name, t
        for item in rule.items[k + 1 :]:
            if item.kind == "use" and item.name == name and item.change != "end":
                return (at,)
            if item.kind == "bind":
                continue
            fixed = item.length.of(n) if item.kind == "sub" and item.length else None
            if fixed is None or name in self._table.facts.names(item.symbol):
                break
            at += fixed
        return range(t, t + left - length + 1, self._table.grammar.grid)

    def _drawn(self, item: Item, length: int) -> tuple[Feature, ...]:
        return (
            ((f"length {item.symbol}", length),)
            if item.length is None and item.symbol in self._table.grammar.lengths
            else ()
        )

    def _holds(self, token: str, t: int, n: int) -> bool:
        run = self._runs[bisect_right(self._begins, t) - 1]
        return run[2] == token and t + n <= run[1]

    def _content(self, t: int, n: int) -> int:
        """Return a number for what sounds over a stretch: equal numbers, equal content."""
        found = self._known.get((t, n))
        if found is None:
            rows, end = [], t + n
            for a, b, token in self._runs[bisect_right(self._begins, t) - 1 :] if n else ():
                if a >= end:
                    break
                rows.append((token, min(b, end) - max(a, t)))
            found = self._known[t, n] = self._contents.setdefault(tuple(rows), len(self._contents))
        return found

    def _seen(self, view: _View, names: frozenset[str]) -> _View:
        return tuple(row for row in view if row[0] in names) if view else view

    def _keep(self, edges: list[Edge], name: str) -> int | None:
        if not edges:
            return None
        if len(self._edges) > MOST_ENTRIES:
            raise GrammarError(f"grammar {self._table.grammar.name}: too many derivations to keep them all")
        self._edges.append(tuple(edges))
        self._names.append(name)
        return len(self._edges) - 1
