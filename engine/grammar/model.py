"""A grammar as data: weighted rules whose symbols carry lengths, with shared subtrees.

Times are whole numbers of 1/48 bar (``BAR`` to the bar). See docs/grammar-format.md for what the parts mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

from engine.errors import UsageError
from engine.theory.chord import parse_numeral

BAR = 48  # units of time to the bar: halves, thirds and sixteenths of a bar are whole
FULL = 65_536  # the weights of a symbol's rules sum to this, or nearly
FOREVER = 1 << 30  # longer than any length

Place = tuple[str, int, int, int]  # file, line, column, end column (from 1); ("", 0, 0, 0) unknown
NOWHERE: Place = ("", 0, 0, 0)


class Length(NamedTuple):
    """The length ``n * num / den + add`` of a part, n being the length of the rule's symbol."""

    num: int
    den: int
    add: int

    def of(self, n: int) -> int | None:
        """Return the length in units, or None where it is not whole."""
        whole, rest = divmod(n * self.num, self.den)
        return None if rest else whole + self.add


class Item(NamedTuple):
    """A part of a rule's right side.

    kind: "sub" a symbol, "use" a shared subtree, "bind" the naming of one (takes no time).
    name: of the shared subtree. length: None is open. change: of a use, "" | "vary" | "end".
    symbol: of a use with another ending, the symbol that ends it, ``length`` long.
    """

    kind: str
    symbol: str = ""
    length: Length | None = None
    name: str = ""
    change: str = ""
    place: Place = NOWHERE


class Rule(NamedTuple):
    """A way to derive ``symbol``. spans: lengths (low, high) at which it may be used; () is any."""

    symbol: str
    label: str
    weight: int
    items: tuple[Item, ...]
    spans: tuple[tuple[int, int], ...] = ()
    place: Place = NOWHERE

    def fits(self, n: int) -> bool:
        """Return whether the rule may be used at length n."""
        return not self.spans or any(low <= n <= high for low, high in self.spans)


@dataclass(frozen=True, eq=False)
class Grammar:
    """A checked grammar.

    starts: symbols that may begin, each with the lengths promised (() for open). lengths: (length, weight)
    pairs by symbol. rules: by symbol. numerals: whether every Roman numeral is a terminal.
    digest: SHA-256 of the text it was read from. like: a grammar with the same rules in other weights, if any.
    """

    name: str
    starts: Mapping[str, tuple[int, ...]]
    terminals: frozenset[str]
    numerals: bool
    grid: int
    lengths: Mapping[str, tuple[tuple[int, int], ...]]
    rules: Mapping[str, tuple[Rule, ...]]
    digest: str = ""
    like: Grammar | None = field(default=None, repr=False)

    def is_terminal(self, symbol: str) -> bool:
        """Return whether a symbol is a leaf."""
        return symbol in self.terminals or (self.numerals and symbol not in self.rules and is_numeral(symbol))

    def all_rules(self) -> Iterable[Rule]:
        """Yield every rule."""
        for rules in self.rules.values():
            yield from rules

    @cached_property
    def labels(self) -> frozenset[str]:
        """The labels of all rules."""
        return frozenset(rule.label for rule in self.all_rules())

    def with_weights(self, weights: Mapping[str, int]) -> Grammar:
        """Return the grammar with the rules of these labels weighing these whole numbers."""
        rules = {
            symbol: tuple(rule._replace(weight=weights.get(rule.label, rule.weight)) for rule in group)
            for symbol, group in self.rules.items()
        }
        return replace(self, rules=rules, like=self.like or self)

    def reweigh(self, percent: Mapping[str, int]) -> Grammar:
        """Return the grammar with the weights of labelled rules multiplied; raises UsageError for an unknown label."""
        for label in percent:
            if label not in self.labels:
                raise UsageError(f'grammar {self.name} has no rule "{label}"', "labels stand in brackets in the file")
        if not percent:
            return self
        return self.with_weights(
            {
                rule.label: rule.weight * percent[rule.label] // 100 or min(percent[rule.label], 1)
                for rule in self.all_rules()
                if rule.label in percent
            }
        )

    def to_data(self) -> dict[str, Any]:
        """Return the grammar as plain JSON data, without places."""
        return {
            "name": self.name,
            "starts": {symbol: list(lengths) for symbol, lengths in self.starts.items()},
            "terminals": sorted(self.terminals),
            "numerals": self.numerals,
            "grid": self.grid,
            "lengths": {symbol: [list(pair) for pair in table] for symbol, table in self.lengths.items()},
            "rules": [
                [
                    rule.symbol,
                    rule.label,
                    rule.weight,
                    [[i.kind, i.symbol, i.length and list(i.length), i.name, i.change] for i in rule.items],
                    [list(span) for span in rule.spans],
                ]
                for rule in self.all_rules()
            ],
            "digest": self.digest,
        }


def from_data(data: Mapping[str, Any]) -> Grammar:
    """Return the grammar of ``to_data``."""
    rules: dict[str, list[Rule]] = {}
    for symbol, label, weight, items, spans in data["rules"]:
        parts = tuple(Item(k, s, Length(*length) if length else None, n, c) for k, s, length, n, c in items)
        rules.setdefault(symbol, []).append(Rule(symbol, label, weight, parts, tuple((a, b) for a, b in spans)))
    return Grammar(
        data["name"],
        {symbol: tuple(lengths) for symbol, lengths in data["starts"].items()},
        frozenset(data["terminals"]),
        data["numerals"],
        data["grid"],
        {symbol: tuple((n, w) for n, w in table) for symbol, table in data["lengths"].items()},
        {symbol: tuple(group) for symbol, group in rules.items()},
        data["digest"],
    )


def whole_weights(weights: Iterable[Fraction]) -> tuple[int, ...]:
    """Return weights as whole numbers that sum to about 65,536, positive ones staying positive."""
    given = tuple(weights)
    total = sum(given)
    return tuple(max(round(w * FULL / total), 1) if w > 0 else 0 for w in given) if total else (0,) * len(given)


def is_numeral(name: str) -> bool:
    """Return whether a name is a Roman numeral ("bVII", "IV/I")."""
    try:
        parse_numeral(name)
    except UsageError:
        return False
    return True
