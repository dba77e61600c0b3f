"""Whether a grammar can be derived: what is out of reach, what never ends, what loops, what cannot fill its bars."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from engine.errors import GrammarError
from engine.grammar.facts import Facts, facts
from engine.grammar.inside import Inside
from engine.grammar.model import BAR, FOREVER, Grammar, Item, Rule
from engine.grammar.problems import Problem


def check(grammar: Grammar, sound: bool = True) -> list[Problem]:
    """Return all problems of a grammar, in order of place. sound: whether its names were all resolved."""
    problems = [*_misfits(grammar), *_unbound(grammar)]
    if grammar.starts:
        problems += _out_of_reach(grammar)
    endless = [*_endless(grammar)]
    problems += endless or _loops(grammar)
    if sound and not problems:
        problems += _unfillable(grammar)
    return sorted(problems)


def _reached(grammar: Grammar) -> set[str]:
    found = {symbol for symbol in grammar.starts if symbol in grammar.rules}
    waiting = sorted(found)
    while waiting:
        for rule in grammar.rules[waiting.pop()]:
            for item in rule.items:
                if item.symbol in grammar.rules and item.symbol not in found:
                    found.add(item.symbol)
                    waiting.append(item.symbol)
    return found


def _out_of_reach(grammar: Grammar) -> Iterator[Problem]:
    reached = _reached(grammar)
    for symbol, rules in grammar.rules.items():
        if symbol not in reached and rules:
            yield Problem(rules[0].place, f'"{symbol}" cannot be reached from {_names(grammar.starts)}')


def _endless(grammar: Grammar) -> Iterator[Problem]:
    ending: set[str] = set()
    while True:
        more = {
            symbol
            for symbol, rules in grammar.rules.items()
            if symbol not in ending
            and any(
                all(not i.symbol or i.symbol in ending or i.symbol not in grammar.rules for i in rule.items)
                for rule in rules
            )
        }
        if not more:
            break
        ending |= more
    # Every rule of such a symbol holds another one like it: following them comes round to where it was.
    onwards = {
        symbol: sorted({i.symbol for rule in rules for i in rule.items if i.symbol in grammar.rules} - ending)
        for symbol, rules in grammar.rules.items()
        if symbol not in ending and rules
    }
    for symbol, further in onwards.items():
        cycle = _cycle({symbol: further, **{other: onwards[other] for other in onwards if other != symbol}})
        round_ = f": {' -> '.join((*cycle, cycle[0]))}" if cycle else ""
        yield Problem(grammar.rules[symbol][0].place, f'"{symbol}" can never end{round_}')


def _misfits(grammar: Grammar) -> Iterator[Problem]:
    """Rules for one length whose parts, all of fixed length, take another; parts finer than the grid."""
    for rule in grammar.all_rules():
        bound: dict[str, int | None] = {}
        total: int | None = 0
        for item in rule.items:
            length = item.length.add if item.length is not None and not item.length.num else None
            if length is not None and (length <= 0 or length % grammar.grid):
                yield Problem(item.place, f"{_bars(length)} does not lie on the grid of {_bars(grammar.grid)}")
            if item.kind == "bind":
                bound[item.name] = length
                continue
            if item.kind == "use":
                length = bound.get(item.name)
            total = None if total is None or length is None else total + length
        if total is not None and rule.spans and not rule.fits(total):
            wanted = " or ".join(_span(low, high) for low, high in rule.spans)
            yield Problem(rule.place, f"the parts take {_bars(total)}, but the rule is for {wanted}")


def _unbound(grammar: Grammar) -> Iterator[Problem]:
    """Uses of shared names that some way down from a start does not bind."""
    every = frozenset(item.name for rule in grammar.all_rules() for item in rule.items if item.kind == "bind")
    sure = dict.fromkeys(grammar.rules, every)
    way: dict[str, str] = {}
    waiting = [symbol for symbol in grammar.starts if symbol in grammar.rules]
    for symbol in waiting:
        sure[symbol] = frozenset()
    while waiting:
        symbol = waiting.pop(0)
        for rule in grammar.rules[symbol]:
            here = sure[symbol]
            for item in rule.items:
                if item.symbol in sure and not sure[item.symbol] <= here:
                    sure[item.symbol] &= here
                    way[item.symbol] = symbol
                    waiting.append(item.symbol)
                if item.kind == "bind":
                    here |= {item.name}
    reached = _reached(grammar)
    for rule in grammar.all_rules():
        here = sure[rule.symbol]
        for item in rule.items:
            if item.kind == "use" and item.name in every - here and rule.symbol in reached:
                yield Problem(
                    item.place, f'the shared name "{item.name}" is not bound on the way {_way(rule.symbol, way)}'
                )
            if item.kind == "bind":
                here |= {item.name}


def _way(symbol: str, above: dict[str, str]) -> str:
    names = [symbol]
    while symbol in above and above[symbol] not in names:
        symbol = above[symbol]
        names.append(symbol)
    return " -> ".join(reversed(names))


def _loops(grammar: Grammar) -> Iterator[Problem]:
    """Symbols that derive themselves alone, at some length: the cycle, once."""
    known = facts(grammar)
    literal = {i.length.add for r in grammar.all_rules() for i in r.items if i.length is not None and not i.length.num}
    bounds = {bound for rule in grammar.all_rules() for span in rule.spans for bound in span}
    told: set[frozenset[str]] = set()
    # Between these lengths nothing changes, so one above all of them stands for the rest.
    for n in sorted(literal | {b for b in bounds if b < FOREVER} | {FOREVER - 1}):
        edges = {
            symbol: sorted({target for rule in rules for target in _same_length(grammar, known, rule, n)})
            for symbol, rules in grammar.rules.items()
        }
        cycle = _cycle(edges)
        if cycle and frozenset(cycle) not in told:
            told.add(frozenset(cycle))
            names = " -> ".join((*cycle, cycle[0]))
            yield Problem(
                grammar.rules[cycle[0]][0].place, f"loops for ever: {names}", "a part must be shorter than the whole"
            )


def _same_length(grammar: Grammar, facts: Facts, rule: Rule, n: int) -> Iterator[str]:
    if not rule.fits(n):
        return
    for item in rule.items:
        if item.symbol in grammar.rules and _can_be(facts, item, n):
            own = [other for other in rule.items if other is not item and not _belongs(item, other)]
            if all(other.kind == "bind" or facts.time(other)[0] == 0 for other in own):
                yield item.symbol


def _belongs(binder: Item, other: Item) -> bool:
    return binder.kind == "bind" and other.kind == "use" and other.name == binder.name


def _can_be(facts: Facts, item: Item, n: int) -> bool:
    if item.kind == "use":
        return False
    if item.length is not None:
        return item.length.of(n) == n
    low, high = facts.time(item)
    return low <= n <= high


def _cycle(edges: dict[str, list[str]]) -> list[str]:
    done: set[str] = set()
    for root in edges:
        path: list[str] = []
        stack: list[tuple[str, bool]] = [(root, True)]
        while stack:
            symbol, enter = stack.pop()
            if not enter:
                done.add(path.pop())
            elif symbol in path:
                return path[path.index(symbol) :]
            elif symbol not in done:
                path.append(symbol)
                stack.append((symbol, False))
                stack += [(target, True) for target in edges.get(symbol, ())]
    return []


def _unfillable(grammar: Grammar) -> Iterator[Problem]:
    """Promised lengths, and lengths written after symbols, that nothing can fill."""
    table = Inside(grammar)
    try:
        for symbol, lengths in grammar.starts.items():
            for n, weights in zip(lengths, table.begin(symbol, lengths), strict=True):
                if not any(weights):
                    yield Problem(grammar.rules[symbol][0].place, f'"{symbol}" cannot fill {_bars(n)}')
        for rule in grammar.all_rules():
            for item in rule.items:
                if item.symbol not in grammar.rules or item.length is None or item.length.num:
                    continue
                n = item.length.add
                if not table.fills(item.symbol, n):
                    yield Problem(item.place, f'"{item.symbol}" cannot fill {_bars(n)}')
    except GrammarError as error:
        file = next(iter(grammar.all_rules())).place[0]
        yield Problem((file, 0, 0, 0), str(error).removeprefix(f"grammar {grammar.name}: "), error.hint)


def _bars(units: int) -> str:
    return f"{Fraction(units, BAR)} bar{'' if 0 < units <= BAR else 's'}"


def _span(low: int, high: int) -> str:
    if low == high:
        return _bars(low)
    return f"{Fraction(low, BAR)} bars and more" if high >= FOREVER else f"{Fraction(low, BAR)} to {_bars(high)}"


def _names(symbols: Iterable[str]) -> str:
    return " or ".join(f'"{s}"' for s in symbols) if symbols else "any start"
