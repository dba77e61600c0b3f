"""What a grammar expects next: the chance of each terminal after the beginning of a sentence.

Top-down: the derivations that agree with what came so far, each as the stack of what it has yet to derive, merged
where stacks are equal. Jelinek and Lafferty, Computation of the probability of initial substring generation by
stochastic context-free grammars (1991); the stacks are those of Roark, Probabilistic top-down parsing and language
modeling (2001). For grammars without left recursion; lengths are left out. Used in training only, so floats are
allowed here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from engine.grammar.facts import facts
from engine.grammar.model import Grammar, Item

END = ""  # stands for the end of the sentence

Shared = tuple[tuple[str, tuple[str, ...]], ...]  # (name, the terminals it stands for) of the shared subtrees in force
Stack = tuple[tuple[str, Shared], ...]  # what is yet to be derived, the next one last
Next = Mapping[str, Mapping[Stack, float]]  # by the next terminal: what remains after it, and its chance

_LEAST = 1e-4  # less likely shared subtrees are left out
_MOST = 200  # derivations kept after a terminal


class Expected(NamedTuple):
    """The chance of each terminal and of END; sure: the share of the likeliest derivation among those so far."""

    chances: dict[str, float]
    sure: float


class Prefix:
    """The expectations of a grammar, kept as they are found."""

    def __init__(self, grammar: Grammar) -> None:
        self._facts = facts(grammar)
        self._rules = {
            symbol: [(rule.weight / sum(r.weight for r in group), rule.items) for rule in group if rule.weight]
            for symbol, group in grammar.rules.items()
        }
        self._next: dict[Stack, Next] = {}
        self._sentences: dict[tuple[str, Shared], list[tuple[tuple[str, ...], float]]] = {}

    def expect(self, start: str, sentence: Sequence[str]) -> list[Expected | None]:
        """Return what is expected before each terminal of a sentence, None once it has no derivation."""
        found: list[Expected | None] = []
        now: dict[Stack, float] = {((start, ()),): 1.0}
        for terminal in sentence:
            chances: dict[str, float] = defaultdict(float)
            after: dict[Stack, float] = defaultdict(float)
            for stack, weight in now.items():
                for symbol, rests in self._after(stack).items():
                    chances[symbol] += weight * sum(rests.values())
                    if symbol == terminal:
                        for rest, chance in rests.items():
                            after[rest] += weight * chance
            total = sum(chances.values())
            found.append(
                Expected({symbol: chance / total for symbol, chance in chances.items()}, max(now.values()))
                if total
                else None
            )
            kept = sorted(after.items(), key=lambda pair: -pair[1])[:_MOST]
            mass = sum(weight for _, weight in kept)
            now = {stack: weight / mass for stack, weight in kept} if mass else {}
        return found

    def _after(self, stack: Stack) -> Next:
        # By the first terminal of what a stack derives: the stacks that then remain.
        if not stack:
            return {END: {(): 1.0}}
        found = self._next.get(stack)
        if found is None:
            (symbol, shared), rest = stack[-1], stack[:-1]
            if symbol not in self._rules:
                found = {symbol: {rest: 1.0}}
            else:
                sums: dict[str, dict[Stack, float]] = defaultdict(lambda: defaultdict(float))
                for weight, items in self._rules[symbol]:
                    for chance, parts in self._parts(items, shared):
                        for terminal, rests in self._after(rest + parts).items():
                            for remaining, share in rests.items():
                                sums[terminal][remaining] += weight * chance * share
                found = sums
            self._next[stack] = found
        return found

    def _parts(self, items: Sequence[Item], shared: Shared) -> list[tuple[float, Stack]]:
        # The ways to fill a right side's shared subtrees, each as what is then to be derived.
        ways: list[tuple[float, Stack, dict[str, tuple[str, ...]]]] = [(1.0, (), dict(shared))]
        for item in items:
            if item.kind == "bind":
                ways = [
                    (weight * chance, parts, {**names, item.name: sentence})
                    for weight, parts, names in ways
                    for sentence, chance in self._all(item.symbol, self._in_force(item.symbol, names))
                ]
            elif item.kind == "use":
                ways = [
                    (weight, (*parts, *((terminal, ()) for terminal in names[item.name])), names)
                    for weight, parts, names in ways
                ]
            else:
                ways = [
                    (weight, (*parts, (item.symbol, self._in_force(item.symbol, names))), names)
                    for weight, parts, names in ways
                ]
        return [(weight, parts[::-1]) for weight, parts, _ in ways]

    def _in_force(self, symbol: str, names: Mapping[str, tuple[str, ...]]) -> Shared:
        return tuple((name, names[name]) for name in sorted(self._facts.names(symbol)) if name in names)

    def _all(self, symbol: str, shared: Shared) -> list[tuple[tuple[str, ...], float]]:
        # The sentences of a shared subtree.
        found = self._sentences.get((symbol, shared))
        if found is None:
            sums: dict[tuple[str, ...], float] = defaultdict(float)
            open_stacks: list[tuple[Stack, tuple[str, ...], float]] = [(((symbol, shared),), (), 1.0)]
            while open_stacks:
                stack, done, weight = open_stacks.pop()
                for terminal, rests in self._after(stack).items():
                    for rest, chance in rests.items():
                        if terminal == END:
                            sums[done] += weight * chance
                        elif weight * chance >= _LEAST:
                            open_stacks.append((rest, (*done, terminal), weight * chance))
            found = self._sentences[symbol, shared] = list(sums.items())
        return found
