"""What can be said of a grammar's symbols without deriving anything: names they use, lengths they can have."""

from __future__ import annotations

from functools import lru_cache

from engine.grammar.model import FOREVER, Grammar, Item, Rule


class Facts:
    """Static facts of a grammar.

    names[symbol]: shared names used below it but not bound there. rest_names[label][k]: those of the parts
    k and later of a rule. span[symbol]: bounds (low, high) of its length. rest_span[label][k]: of the
    parts k and later together. uses_n[label][k]: whether a part from k on is measured by n.
    """

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self.names: dict[str, frozenset[str]] = {symbol: frozenset() for symbol in grammar.rules}
        self.rest_names: dict[str, tuple[frozenset[str], ...]] = {}
        self.span: dict[str, tuple[int, int]] = dict.fromkeys(grammar.rules, (FOREVER, 0))
        self.rest_span: dict[str, tuple[tuple[int, int], ...]] = {}
        self.uses_n = {
            rule.label: tuple(
                any(i.length is not None and i.length.num for i in rule.items[k:]) for k in range(len(rule.items) + 1)
            )
            for rule in grammar.all_rules()
        }
        self._binders: dict[str, list[Item]] = {}
        for rule in grammar.all_rules():
            for item in rule.items:
                if item.kind == "bind":
                    self._binders.setdefault(item.name, []).append(item)
        self._settle_names()
        self._settle_spans()

    def of(self, symbol: str) -> frozenset[str]:
        """Return the shared names that a symbol (or leaf) uses from above."""
        return self.names.get(symbol, frozenset())

    def _settle_names(self) -> None:
        order = self._parts_first()
        if self._binders:
            changed = True
            while changed:
                changed = False
                for symbol in order:
                    found = self.names[symbol].union(*(self._rows(r)[0] for r in self._grammar.rules[symbol]))
                    if found != self.names[symbol]:
                        self.names[symbol], changed = found, True
        for rule in self._grammar.all_rules():
            self.rest_names[rule.label] = self._rows(rule)

    def _rows(self, rule: Rule) -> tuple[frozenset[str], ...]:
        """Return the shared names that the parts k and later of a rule use from above, for each k."""
        below = frozenset[str]()
        rows = [below]
        for item in reversed(rule.items):
            if item.kind == "bind":
                below = below - {item.name}
            elif item.kind == "use":
                below = below | {item.name}
            below = below | self.of(item.symbol)
            rows.append(below)
        rows.reverse()
        return tuple(rows)

    def _settle_spans(self) -> None:
        # Parts first, so that all but what contains itself settles in one pass; what still grows in the third
        # can be as long as it likes.
        order = self._parts_first()
        turn, changed = 0, True
        while changed:
            turn, changed = turn + 1, False
            for symbol in order:
                low, high = self.span[symbol]
                for rule in self._grammar.rules[symbol]:
                    span = self._rule_span(rule)
                    if rule.weight and span[0] < FOREVER:
                        low, high = min(low, span[0]), max(high, span[1])
                if turn > 2 and high > self.span[symbol][1]:
                    high = FOREVER
                if (low, high) != self.span[symbol]:
                    self.span[symbol], changed = (low, high), True

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
                    parts = [i.symbol for rule in rules[symbol] for i in rule.items if i.symbol in rules]
                    stack += [(part, False) for part in parts if part not in seen]
        return order

    def _rule_span(self, rule: Rule) -> tuple[int, int]:
        low, high = 0, 0
        rows = [(0, 0)]
        for item in reversed(rule.items):
            if item.kind != "bind":
                a, b = self.item_span(item)
                low, high = min(low + a, FOREVER), min(high + b, FOREVER)
            rows.append((low, high))
        self.rest_span[rule.label] = tuple(reversed(rows))
        if rule.spans:
            low, high = max(low, min(a for a, _ in rule.spans)), min(high, max(b for _, b in rule.spans))
        return (low, high) if low <= high else (FOREVER, 0)

    def item_span(self, item: Item) -> tuple[int, int]:
        """Return bounds of the time a part takes."""
        if item.kind == "use":
            spans = [self.open_span(binder) for binder in self._binders.get(item.name, ())]
            return (min(a for a, _ in spans), max(b for _, b in spans)) if spans else (0, FOREVER)
        return self.open_span(item)

    def open_span(self, item: Item) -> tuple[int, int]:
        """Return bounds of the length of a symbol where it is used or bound."""
        if item.length is not None:
            return (self._grammar.grid, FOREVER) if item.length.num else (item.length.add, item.length.add)
        table = self._grammar.lengths.get(item.symbol)
        if table:
            return table[0][0], table[-1][0]
        return self.span.get(item.symbol, (self._grammar.grid, FOREVER))


def facts(grammar: Grammar) -> Facts:
    """Return the facts of a grammar, found once a process for all weights of the same rules."""
    return _facts(grammar.like or grammar)


@lru_cache(maxsize=64)
def _facts(grammar: Grammar) -> Facts:
    return Facts(grammar)
