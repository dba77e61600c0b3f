"""Statements to a grammar: names resolved, weights made whole, and what is wrong with that said at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction

from engine.errors import nearest
from engine.grammar.model import BAR, FOREVER, Grammar, Item, Place, Rule, is_numeral, whole_weights
from engine.grammar.problems import Problem
from engine.grammar.syntax import Alternative, Name, Statement

MOST_RULES = 2000
MOST_PARTS = 64
_DEFAULT_GRID = BAR // 4


class Builder:
    """Gathers statements into a grammar. ``problems`` grows as they are read."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.problems: list[Problem] = []
        self._starts: dict[str, tuple[int, ...]] = {}
        self._start_places: dict[str, Place] = {}
        self._terminals: dict[str, Place] = {}
        self._numerals = False
        self._grid = _DEFAULT_GRID
        self._lengths: dict[str, tuple[Place, tuple[tuple[int, Fraction], ...]]] = {}
        self._rules: dict[str, list[tuple[tuple[tuple[int, int], ...], Alternative]]] = {}

    def add(self, statements: Iterable[Statement], imported: Callable[[Statement], None]) -> None:
        """Add the statements of one file; ``imported`` is called for each import, before what follows it."""
        fresh: set[str] = set()
        started = False
        for statement in statements:
            value = statement.value
            if statement.kind == "import":
                imported(statement)
            elif statement.kind == "grid":
                self._grid = value or _DEFAULT_GRID
                if value == 0:
                    self._say(statement.place, "a grid must be longer than nothing")
            elif statement.kind == "terminals":
                for name in value:
                    self._terminals[name.text.lstrip('"')] = name.place
                    self._numerals |= name.text == "numerals"
            elif statement.kind == "start":
                if not started:
                    self._starts, self._start_places, started = {}, {}, True
                for name, spans in value:
                    self._start(name, spans)
            elif statement.kind == "length":
                self._lengths[value[0].text.lstrip('"')] = (value[0].place, value[1])
            else:
                name, spans, alternatives = value
                symbol = name.text.lstrip('"')
                if symbol not in fresh:
                    fresh.add(symbol)
                    self._rules[symbol] = []
                self._rules[symbol] += [(spans, alternative) for alternative in alternatives]
                if sum(map(len, self._rules.values())) > MOST_RULES:
                    self._say(name.place, f"a grammar may have at most {MOST_RULES} rules")
                    return

    def build(self, name: str, digest: str) -> Grammar:
        """Return the grammar; it may be used only when there are no problems."""
        self._terminals.pop("numerals", None)
        binders = (item for group in self._rules.values() for _, a in group for item in a.items if item.kind == "bind")
        shared = {item.name: item.place for item in binders}
        self._clashes(shared)
        rules = {symbol: self._group(symbol, group, shared) for symbol, group in self._rules.items()}
        self._labels(rules)
        if not self._starts:
            self._say((self._file, 0, 0, 0), "no start symbol", "add a line such as: start Song")
        for symbol, place in self._start_places.items():
            if symbol not in rules:
                self._unknown(symbol, place, rules)
        terminals = frozenset(self._terminals)
        return Grammar(name, self._starts, terminals, self._numerals, self._grid, self._tables(rules), rules, digest)

    def _start(self, name: Name, spans: tuple[tuple[int, int], ...]) -> None:
        lengths: list[int] = []
        for low, high in spans:
            if high >= FOREVER or low == 0:
                self._say(name.place, "a start's lengths must have both ends")
            else:
                lengths += range(low, high + 1, BAR)
        self._starts[name.text] = tuple(lengths)
        self._start_places[name.text] = name.place

    def _clashes(self, shared: dict[str, Place]) -> None:
        for name, place in shared.items():
            if name in self._rules or name in self._terminals:
                self._say(place, f'"{name}" is a symbol already', "call the shared subtree something else")
            elif self._numerals and is_numeral(name):
                self._say(place, f'"{name}" is a Roman numeral here', "call the shared subtree something else")
        for name, place in self._terminals.items():
            if name in self._rules:
                self._say(place, f'"{name}" is a terminal and has rules too')

    def _group(
        self, symbol: str, group: list[tuple[tuple[tuple[int, int], ...], Alternative]], shared: dict[str, Place]
    ) -> tuple[Rule, ...]:
        weights = whole_weights([alternative.weight for _, alternative in group])
        rules = []
        for number, ((spans, alternative), weight) in enumerate(zip(group, weights, strict=True), 1):
            if not weight:
                self._say(
                    alternative.place,
                    "weight 0: this alternative can never be chosen",
                    "give it a weight, or take it out",
                )
            if len(alternative.items) > MOST_PARTS:
                self._say(alternative.place, f"a rule may have at most {MOST_PARTS} parts")
                continue
            items = tuple(self._resolve(item, shared) for item in alternative.items)
            rules.append(
                Rule(symbol, alternative.label or f"{symbol}.{number}", weight, items, spans, alternative.place)
            )
        return tuple(rules)

    def _resolve(self, item: Item, shared: dict[str, Place]) -> Item:
        if item.symbol.startswith('"'):
            item = item._replace(symbol=item.symbol[1:])
            if item.symbol not in self._rules:
                self._terminals.setdefault(item.symbol, item.place)
        if item.kind == "sub" and item.symbol in shared and item.symbol not in self._terminals:
            if item.length is not None:
                self._say(item.place, f'"{item.symbol}" is a shared subtree: its length is where it was bound')
            return Item("use", name=item.symbol, place=item.place)
        if item.kind == "use" and item.name not in shared:
            self._say(item.place, f'no shared subtree "{item.name}"', nearest(item.name, shared) or "bind it with let")
        if item.kind == "use" and item.change == "end" and item.length is None:
            self._say(item.place, "another ending needs a length", "write it like P.end(Cadence:2)")
        if item.symbol and not self._known(item.symbol):
            self._unknown(item.symbol, item.place, {*self._rules, *self._terminals, *shared})
        return item

    def _known(self, symbol: str) -> bool:
        return symbol in self._rules or symbol in self._terminals or (self._numerals and is_numeral(symbol))

    def _unknown(self, symbol: str, place: Place, known: Iterable[str]) -> None:
        self._say(place, f'unknown symbol "{symbol}"', nearest(symbol, known))

    def _labels(self, rules: dict[str, tuple[Rule, ...]]) -> None:
        seen: dict[str, Rule] = {}
        for group in rules.values():
            for rule in group:
                if rule.label in seen:
                    line = seen[rule.label].place[1]
                    self._say(rule.place, f'the label "{rule.label}" is taken by line {line}', "labels must differ")
                seen[rule.label] = rule

    def _tables(self, rules: dict[str, tuple[Rule, ...]]) -> dict[str, tuple[tuple[int, int], ...]]:
        tables = {}
        for symbol, (place, choices) in self._lengths.items():
            if not self._known(symbol):
                self._unknown(symbol, place, {*rules, *self._terminals})
            if any(not n or n % (self._grid or 1) for n, _ in choices):
                self._say(place, f'the lengths of "{symbol}" must be multiples of the grid, and more than nothing')
            if len({n for n, _ in choices}) < len(choices):
                self._say(place, f'a length of "{symbol}" is given twice')
            weights = whole_weights([w for _, w in choices])
            if not any(weights):
                self._say(place, f'the lengths of "{symbol}" all weigh 0')
            tables[symbol] = tuple(sorted((n, w) for (n, _), w in zip(choices, weights, strict=True) if w))
        return tables

    def _say(self, place: Place, message: str, hint: str = "") -> None:
        self.problems.append(Problem(place, message, hint))
