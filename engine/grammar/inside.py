"""Inside weights: how likely a symbol is to fill a length, for every symbol and length that matters.

Baker, Trainable grammars for speech recognition (1979), with lengths of time in place of word positions
and with the lengths of the shared subtrees in force as part of the state. Weights are fixed-point whole
numbers, rounded up, so that what is possible never becomes impossible.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from engine.errors import GrammarError
from engine.grammar.facts import facts
from engine.grammar.model import Grammar, Item, Rule

_BITS = 192
ONE = 1 << _BITS
MOST_ENTRIES = 400_000
MOST_CHOICES = 150_000  # looked at for one derivation: some seconds

Scope = tuple[tuple[str, int, int], ...]  # (name, length, count) of the shared subtrees in force, in order of name
Weights = tuple[int, ...]  # by how often the counted symbol occurs, the last entry "so often or more"


class Choice(NamedTuple):
    """A way to take one part of a rule: its length, the time it takes (0 for a binding), weights, scope after."""

    length: int
    time: int
    weights: Weights
    scope: Scope
    tally: int = 0


class Inside:
    """The inside weights of a grammar, found as they are asked for and kept.

    counted, most: a symbol whose leaves are counted up to ``most`` (so that "at least two" can be asked for).
    Raises GrammarError when the table grows past its bound.
    """

    def __init__(self, grammar: Grammar, counted: str = "", most: int = 0) -> None:
        self.grammar = grammar
        self.facts = facts(grammar)
        self.most = most
        self.looked = 0  # choices looked at; whoever begins a derivation sets it back
        self._counted = counted
        self._zero: Weights = (0,) * (most + 1)
        self._leaf = {False: self._unit(0), True: self._unit(min(1, most))}
        self._symbols: dict[tuple[str, int, Scope], Weights] = {}
        self._rests: dict[tuple[str, int, int, int, Scope], Weights] = {}
        self._plain: dict[str, bool] = {}
        self._usable: dict[tuple[str, int], tuple[Rule, ...]] = {}
        self._ways: dict[tuple[str, int, int, Scope], list[int]] = {}

    def begin(self, symbol: str, lengths: Iterable[int]) -> list[Weights]:
        """Return the weights of a symbol at several lengths, as the beginning of a derivation.

        Raises GrammarError when it would take too long, or nests too deeply; the table is then empty again.
        """
        self.looked = 0
        try:
            return [self.weigh(symbol, n) for n in lengths]
        except (GrammarError, RecursionError) as error:
            # What was being found is marked as impossible, so nothing found on the way can be kept.
            self._symbols.clear()
            self._rests.clear()
            self._ways.clear()
            if isinstance(error, GrammarError):
                raise
            raise too_deep(self.grammar, symbol) from None

    def usable(self, symbol: str, n: int) -> tuple[Rule, ...]:
        """Return the rules of a symbol that may be used at length n."""
        found = self._usable.get((symbol, n))
        if found is None:
            rules = self.grammar.rules[symbol]
            found = self._usable[symbol, n] = tuple(rule for rule in rules if rule.weight and rule.fits(n))
        return found

    def ways(self, symbol: str, n: int, count: int, scope: Scope) -> list[int]:
        """Return for each usable rule the weight with which it fills n units with so many of what is counted."""
        key = (symbol, n, count, scope)
        found = self._ways.get(key)
        if found is None:
            found = self._ways[key] = [
                rule.weight * self.of_rule(rule, n, scope)[count] for rule in self.usable(symbol, n)
            ]
        return found

    def weigh(self, symbol: str, n: int, scope: Scope = ()) -> Weights:
        """Return the weights (ONE is certainty) with which a symbol fills n units, by count."""
        if symbol not in self.grammar.rules:
            return self._leaf[symbol == self._counted] if n > 0 else self._zero
        key = (symbol, n, scope)
        found = self._symbols.get(key)
        if found is None:
            self._symbols[key] = self._zero
            self._guard(symbol)
            total, sums = 0, list(self._zero)
            for rule in self.usable(symbol, n):
                total += rule.weight
                for c, w in enumerate(self.of_rule(rule, n, scope)):
                    sums[c] += rule.weight * w
            found = self._symbols[key] = tuple(-(-s // total) for s in sums) if total else self._zero
        return found

    def of_rule(self, rule: Rule, n: int, scope: Scope = ()) -> Weights:
        """Return the weights with which a rule fills n units, its own weight left out."""
        if not self.is_plain(rule):
            return self.rest(rule, 0, n, n, scope)
        # A short cut for the common rule whose lengths all follow from n: one product, nothing to remember.
        sizes = self.sizes(rule, n, scope)
        if sizes is None:
            return self._zero
        found = ONE
        for item, size in zip(rule.items, sizes, strict=True):
            if item.symbol:
                found = -(-found * self.weigh(item.symbol, size)[0] >> _BITS)
                if not found:
                    break
        return (found,)

    def is_plain(self, rule: Rule) -> bool:
        """Return whether n alone says how long each part is, nothing is counted and no part sees shared names."""
        found = self._plain.get(rule.label)
        if found is None:
            openly = [i for i in rule.items if i.length is None and i.kind != "use"]
            found = self._plain[rule.label] = (
                not self.most
                and not any(self.facts.names(item.symbol) for item in rule.items)
                and len(openly) < 2
                and all(item.kind == "sub" and item.symbol not in self.grammar.lengths for item in openly)
            )
        return found

    def sizes(self, rule: Rule, n: int, scope: Scope) -> list[int] | None:
        """Return the length of each part of a plain rule (of another ending, the ending's), None if it cannot fit."""
        bound = {name: size for name, size, _ in scope}
        found: list[int] = []
        left, openly = n, -1
        for kind, _, length, name, change, _ in rule.items:
            size = 0
            if length is not None:
                size, over = divmod(n * length.num, length.den)
                size += length.add
                if over or size <= 0 or size > n or size % self.grammar.grid:
                    return None
            if kind == "bind":
                bound[name] = size
            elif kind == "use":
                if change == "end" and size >= bound[name]:
                    return None
                left -= bound[name]
            elif length is None:
                openly = len(found)
            else:
                left -= size
            if left < 0:
                return None
            found.append(size)
        if openly >= 0:
            found[openly] = left
            return found if left % self.grammar.grid == 0 else None
        return None if left else found

    def fills(self, symbol: str, n: int) -> bool:
        """Return whether a symbol fills n units: by itself, or as far as it was met where it uses shared names."""
        if not self.facts.names(symbol):
            return any(self.begin(symbol, (n,))[0])
        met = [any(w) for (name, length, _), w in self._symbols.items() if name == symbol and length == n]
        return any(met) or not met

    def rest(self, rule: Rule, k: int, left: int, n: int, scope: Scope) -> Weights:
        """Return the weights with which the parts k and later of a rule fill ``left`` units."""
        if k == len(rule.items):
            return self._zero if left else self._leaf[False]
        low, high = self.facts.span_from[rule.label][k]
        if not low <= left <= high:
            return self._zero
        scope = _keep(scope, self.facts.names_from[rule.label][k])
        key = (rule.label, k, left, n if self.facts.uses_n[rule.label][k] else 0, scope)
        found = self._rests.get(key)
        if found is None:
            self._guard(rule.symbol)
            sums = list(self._zero)
            for choice in self.choices(rule, k, left, n, scope):
                self.looked += 1
                if any(choice.weights):
                    after = self.rest(rule, k + 1, left - choice.time, n, choice.scope)
                    for a, v in enumerate(choice.weights):
                        if v:
                            for b, w in enumerate(after):
                                sums[min(a + b, self.most)] += v * w
            found = self._rests[key] = tuple(-(-s >> _BITS) if s else 0 for s in sums)
        return found

    def choices(self, rule: Rule, k: int, left: int, n: int, scope: Scope) -> Iterator[Choice]:
        """Yield the ways to take part k of a rule, ``left`` units being left for it and those after."""
        item = rule.items[k]
        if item.kind == "use":
            for name, length, count in scope:
                if name == item.name and length <= left:
                    yield from self._use(item, length, count, n, scope)
            return
        for length, weight in self.lengths(rule, k, left, n):
            weights = self.weigh(item.symbol, length, self.scope_of(item.symbol, scope))
            if weight != ONE:
                weights = tuple(-(-w * weight >> _BITS) for w in weights)
            if item.kind == "sub":
                yield Choice(length, length, weights, scope)
                continue
            others = tuple(row for row in scope if row[0] != item.name)
            for count, w in enumerate(weights):
                if w:
                    yield Choice(
                        length, 0, self._unit(0, w), tuple(sorted((*others, (item.name, length, count)))), count
                    )

    def scope_of(self, symbol: str, scope: Scope) -> Scope:
        """Return the part of a scope that a symbol can see."""
        return _keep(scope, self.facts.names(symbol))

    def _use(self, item: Item, length: int, count: int, n: int, scope: Scope) -> Iterator[Choice]:
        if item.change != "end":
            yield Choice(length, length, self._unit(count), scope)
            return
        ending = item.length.of(n) if item.length else None
        if ending is not None and self._on_grid(ending) and ending < length:
            weights = list(self._zero)
            for c, w in enumerate(self.weigh(item.symbol, ending, self.scope_of(item.symbol, scope))):
                weights[min(c + count, self.most)] += w
            yield Choice(length, length, tuple(weights), scope)

    def lengths(self, rule: Rule, k: int, left: int, n: int) -> Iterator[tuple[int, int]]:
        """Yield the lengths that part k of a rule may have, with their weights, ``left`` units being left."""
        item = rule.items[k]
        if item.length is not None:
            length = item.length.of(n)
            if length is not None and self._on_grid(length) and length <= left:
                yield length, ONE
            return
        table = self.grammar.lengths.get(item.symbol)
        if table:
            total = sum(weight for _, weight in table)
            for length, weight in table:
                if length <= left:
                    yield length, ONE * weight // total
            return
        low, high = self.facts.time(item)
        high = min(high, left)
        if item.kind == "sub":
            least, most = self.facts.span_from[rule.label][k + 1]
            low, high = max(low, left - most), min(high, left - least)
        grid = self.grammar.grid
        for length in range(-(-low // grid) * grid, high + 1, grid):
            yield length, ONE

    def _on_grid(self, length: int) -> bool:
        return length > 0 and length % self.grammar.grid == 0

    def _unit(self, count: int, weight: int = ONE) -> Weights:
        return tuple(weight if c == min(count, self.most) else 0 for c in range(self.most + 1))

    def _guard(self, symbol: str) -> None:
        if len(self._symbols) + len(self._rests) > MOST_ENTRIES or self.looked > MOST_CHOICES:
            raise GrammarError(
                f'grammar {self.grammar.name}: "{symbol}" can be derived in too many ways to weigh them all',
                "give more of its parts a length, or a coarser grid",
            )


@lru_cache(maxsize=64)
def inside(grammar: Grammar, counted: str = "", most: int = 0) -> Inside:
    """Return the inside weights of a grammar, one table a process."""
    return Inside(grammar, counted, most)


def too_deep(grammar: Grammar, symbol: str) -> GrammarError:
    """Return the error for a symbol whose derivation nests too deeply."""
    return GrammarError(
        f'grammar {grammar.name}: "{symbol}" nests too deeply', "derive something shorter, or give its parts lengths"
    )


def _keep(scope: Scope, names: frozenset[str]) -> Scope:
    if not scope:
        return scope
    return tuple(row for row in scope if row[0] in names)
