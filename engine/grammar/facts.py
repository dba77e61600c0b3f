"""What can be said of a grammar's symbols without deriving anything: names they use, lengths they can have."""

from __future__ import annotations

from functools import cached_property, lru_cache

from engine.grammar.model import FOREVER, Grammar, Item, Rule

Span = tuple[int, int]  # the least and the greatest length
_ANY: Span = (0, FOREVER)


class Facts:
    """Static facts of a grammar, each found when first asked for.

    zeros: whether rules of weight 0 count too, so that the facts hold for all weights.
    """

    def __init__(self, grammar: Grammar, zeros: bool = True) -> None:
        self._grammar = grammar
        self._zeros = zeros
        self._binders: dict[str, list[Item]] = {}
        for rule in grammar.all_rules():
            for item in rule.items:
                if item.kind == "bind":
                    self._binders.setdefault(item.name, []).append(item)
        self._order = self._parts_first()
        self._names: dict[str, frozenset[str]] = {}
        changed = bool(self._binders)
        while changed:
            changed = False
            for symbol in self._order:
                found = self.names(symbol).union(*(self._names_from(rule)[0] for rule in grammar.rules[symbol]))
                if found != self.names(symbol):
                    self._names[symbol], changed = found, True

    def names(self, symbol: str) -> frozenset[str]:
        """Return the shared names that a symbol (or leaf) uses from above."""
        return self._names.get(symbol, frozenset())

    @cached_property
    def names_from(self) -> dict[str, tuple[frozenset[str], ...]]:
        """The shared names that the parts k and later of a rule use from above, by label."""
        return {rule.label: self._names_from(rule) for rule in self._grammar.all_rules()}

    @cached_property
    def span_from(self) -> dict[str, tuple[Span, ...]]:
        """Bounds of the time that the parts k and later of a rule take together, by label."""
        return {rule.label: self._span_from(rule, self._spans) for rule in self._grammar.all_rules()}

    @cached_property
    def uses_n(self) -> dict[str, tuple[bool, ...]]:
        """Whether a part of a rule from k on is measured by the whole, by label."""
        return {
            rule.label: tuple(
                any(i.length is not None and i.length.num for i in rule.items[k:]) for k in range(len(rule.items) + 1)
            )
            for rule in self._grammar.all_rules()
        }

    def time(self, item: Item) -> Span:
        """Return bounds of the time a part takes (for a binding: of its length)."""
        return self._time(item, self._spans)

    @cached_property
    def _spans(self) -> dict[str, Span]:
        # Parts first, so that all but what contains itself settles in one pass; what still grows in the third
        # can be as long as it likes.
        spans: dict[str, Span] = dict.fromkeys(self._grammar.rules, (FOREVER, 0))
        turn, changed = 0, True
        while changed:
            turn, changed = turn + 1, False
            for symbol in self._order:
                low, high = spans[symbol]
                for rule in self._grammar.rules[symbol]:
                    least, most = self._span_from(rule, spans)[0]
                    if rule.spans:
                        least, most = max(least, min(rule.spans)[0]), min(most, max(b for _, b in rule.spans))
                    if (rule.weight or self._zeros) and least <= most and least < FOREVER:
                        low, high = min(low, least), max(high, most)
                if turn > 2 and high > spans[symbol][1]:
                    high = FOREVER
                if (low, high) != spans[symbol]:
                    spans[symbol], changed = (low, high), True
        return spans

    def _names_from(self, rule: Rule) -> tuple[frozenset[str], ...]:
        below = frozenset[str]()
        rows = [below]
        for item in reversed(rule.items):
            if item.kind == "bind":
                below = below - {item.name}
            elif item.kind == "use":
                below = below | {item.name}
            below = below | self.names(item.symbol)
            rows.append(below)
        rows.reverse()
        return tuple(rows)

    def _span_from(self, rule: Rule, spans: dict[str, Span]) -> tuple[Span, ...]:
        low, high = 0, 0
        rows = [(0, 0)]
        for item in reversed(rule.items):
            if item.kind != "bind":
                a, b = self._time(item, spans)
                low, high = min(low + a, FOREVER), min(high + b, FOREVER)
            rows.append((low, high))
        rows.reverse()
        return tuple(rows)

    def _time(self, item: Item, spans: dict[str, Span]) -> Span:
        if item.kind == "use":
            found = [self._time(binder, spans) for binder in self._binders.get(item.name, ())]
            return (min(a for a, _ in found), max(b for _, b in found)) if found else _ANY
        if item.length is not None:
            return (self._grammar.grid, FOREVER) if item.length.num else (item.length.add, item.length.add)
        table = self._grammar.lengths.get(item.symbol)
        if table:
            return table[0][0], table[-1][0]
        return spans.get(item.symbol, (self._grammar.grid, FOREVER))

    def _parts_first(self) -> list[str]:
        rules = self._grammar.rules
        order: list[str] = []
        seen: set[str] = set()
        for root in rules:
            stack = [(root, False)]
            while stack:
                symbol, done = stack.pop()
                if done:
                    order.append(symbol)
                elif symbol not in seen:
                    seen.add(symbol)
                    stack.append((symbol, True))
                    parts = [item.symbol for rule in rules[symbol] for item in rule.items if item.symbol in rules]
                    stack += [(part, False) for part in parts if part not in seen]
        return order


def facts(grammar: Grammar) -> Facts:
    """Return the facts of a grammar, found once a process for all weights of the same rules."""
    return _facts(grammar.like or grammar)


@lru_cache(maxsize=64)
def facts_of_weights(grammar: Grammar) -> Facts:
    """Return the facts of a grammar as it is weighed, without the rules of weight 0."""
    return Facts(grammar, zeros=False)


@lru_cache(maxsize=64)
def _facts(grammar: Grammar) -> Facts:
    return Facts(grammar)
