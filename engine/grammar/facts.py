"""What can be said of a grammar's symbols without deriving anything: names they use, lengths they can have."""

from __future__ import annotations

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
        changed = True
        while changed:
            changed = False
            for symbol, rules in self._grammar.rules.items():
                found = self.names[symbol]
                for rule in rules:
                    below = frozenset[str]()
                    rows = [below]
                    for item in reversed(rule.items):
                        if item.kind == "bind":
                            below = below - {item.name}
                        if item.kind == "use":
                            below = below | {item.name}
                        below = below | self.of(item.symbol)
                        rows.append(below)
                    self.rest_names[rule.label] = tuple(reversed(rows))
                    found = found | below
                if found != self.names[symbol]:
                    self.names[symbol] = found
                    changed = True

    def _settle_spans(self) -> None:
        # Lower bounds sink and upper bounds rise to a fixed point; what still rises after as many rounds as
        # there are symbols can be as long as it likes.
        rounds = len(self._grammar.rules) + 2
        for turn in range(rounds + 1):
            changed = False
            for symbol, rules in self._grammar.rules.items():
                low, high = self.span[symbol]
                for rule in rules:
                    span = self._rule_span(rule)
                    if span[0] >= FOREVER:
                        continue
                    low, high = min(low, span[0]), max(high, span[1])
                if (low, high) != self.span[symbol]:
                    self.span[symbol] = (low, FOREVER if turn == rounds and high > self.span[symbol][1] else high)
                    changed = True
            if not changed:
                break
        if changed:
            for symbol, (low, _) in self.span.items():
                self.span[symbol] = (low, FOREVER)
            for rule in self._grammar.all_rules():
                self._rule_span(rule)

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
