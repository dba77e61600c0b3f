"""Expected counts of rules in observed music, and weights from them: inside-outside training.

Baker 1979; Lari and Young, The estimation of stochastic context-free grammars using the inside-outside
algorithm (1990). Used in training only, so floats are allowed here. A rule competes with the rules of its
symbol that may be used at the same length; where these sets differ, weights are found by the minorisation
of Hunter, MM algorithms for generalized Bradley-Terry models (2004).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import log2, prod

from engine.grammar.best import best
from engine.grammar.inside import Inside
from engine.grammar.model import FULL, Grammar, whole_weights
from engine.grammar.parse import Feature, Forest, Observed, parse, tokens, untimed
from engine.grammar.tree import Node

_ROUNDS_OF_MM = 30


class Expect:
    """Observed derivations of a grammar, packed once and counted under any weights.

    examples: (start symbol, observed) pairs; see ``parse`` for what may be observed. labels_only: observed
    lengths are ignored and every terminal is one event. parsed: whether each example can be derived.
    """

    def __init__(self, grammar: Grammar, examples: Iterable[tuple[str, Observed]], labels_only: bool = False) -> None:
        self._table = Inside(untimed(grammar) if labels_only else grammar)
        packed: dict[tuple[str, tuple[tuple[str, int], ...]], Forest | None] = {}
        self._forests: list[Forest | None] = []
        for start, observed in examples:
            key = (start, tuple(tokens([token for token, _ in observed]) if labels_only else observed))
            if key not in packed:
                packed[key] = parse(self._table, *key)
            self._forests.append(packed[key])
        self.parsed = tuple(forest is not None for forest in self._forests)

    def only(self, numbers: Iterable[int]) -> Expect:
        """Return these examples alone, by number, without parsing them again."""
        found = object.__new__(Expect)
        found._table = self._table
        found._forests = [self._forests[number] for number in numbers]
        found.parsed = tuple(forest is not None for forest in found._forests)
        return found

    def bits(self, grammar: Grammar) -> list[float | None]:
        """Return for each example -log2 of its probability under a grammar's weights; None if it has no derivation.

        The probability is that of the example given its whole length, but for grammars without lengths,
        where it is that of the example among all.
        """
        chances = Chances(grammar, self._table.grammar)
        found: list[float | None] = []
        for forest in self._forests:
            total = _inside(forest, chances)[-1] if forest else 0.0
            found.append(-log2(total) if total > 0 else None)
        return found

    @property
    def shape(self) -> Grammar:
        """The grammar the examples were parsed with: it says at what lengths rules compete."""
        return self._table.grammar

    def best(self, numbers: Iterable[int], grammar: Grammar) -> list[Node]:
        """Return the likeliest derivation of each of these examples, all of which must be parsed."""

        return [best(forest, grammar) for number in numbers if (forest := self._forests[number]) is not None]

    def counts(self, grammar: Grammar) -> dict[Feature, float]:
        """Return the expected number of uses of each (rule label, length) and ("length SYMBOL", length) drawn."""
        chances = Chances(grammar, self._table.grammar)
        counts: dict[Feature, float] = defaultdict(float)
        times = Counter(id(forest) for forest in self._forests if forest)
        seen: set[int] = set()
        for forest in self._forests:
            if forest and id(forest) not in seen:
                seen.add(id(forest))
                _count(forest, chances, counts, times[id(forest)])
        return counts

    def fit(self, grammar: Grammar, rounds: int = 12, strength: float = 4.0) -> Grammar:
        """Return the grammar with learnt weights, after so many rounds of expectation and maximisation.

        strength: how many uses of each symbol the weights given in ``grammar`` are worth.
        """
        found = grammar
        for _ in range(rounds):
            found = refit(found, grammar, self.counts(found), strength, self._table.grammar)
        return found


def expected_counts(
    grammar: Grammar, examples: Iterable[tuple[str, Observed]], labels_only: bool = False
) -> dict[str, float]:
    """Return the expected number of uses of each rule, by label, over all examples."""
    found: dict[str, float] = defaultdict(float)
    for (label, _), count in Expect(grammar, examples, labels_only).counts(grammar).items():
        found[label] += count
    return dict(found)


def refit(
    grammar: Grammar, prior: Grammar, counts: Mapping[Feature, float], strength: float, shape: Grammar
) -> Grammar:
    """Return the grammar with the weights, and length tables, that make expected counts likeliest.

    The weights of ``prior`` count as ``strength`` uses of each symbol. shape: the grammar the counts were
    taken with, which says at what lengths rules compete.
    """
    by_label: dict[str, dict[int, float]] = defaultdict(dict)
    for (label, n), count in counts.items():
        by_label[label][n] = count
    weights: dict[str, int] = {}
    for symbol, group in grammar.rules.items():
        labels = [rule.label for rule in group]
        given = [rule.weight / FULL for rule in prior.rules[symbol]]
        own = [sum(by_label[label].values()) + strength * g for label, g in zip(labels, given, strict=True)]
        # How often each set of competing rules met; the prior's uses meet them all.
        met: dict[tuple[int, ...], float] = defaultdict(float)
        for label in labels:
            for n, count in by_label[label].items():
                met[tuple(k for k, rule in enumerate(shape.rules[symbol]) if rule.fits(n))] += count
        met[tuple(range(len(group)))] += strength
        found = _maximise(own, met)
        for label, weight in zip(labels, whole_weights([Fraction(w) for w in found]), strict=True):
            weights[label] = weight
    lengths = {}
    for symbol, table in grammar.lengths.items():
        drawn = by_label.get(f"length {symbol}", {})
        total = sum(w for _, w in prior.lengths[symbol])
        rows = [Fraction(drawn.get(n, 0.0) + strength * w / total) for n, w in prior.lengths[symbol]]
        lengths[symbol] = tuple((n, w) for (n, _), w in zip(table, whole_weights(rows), strict=True))
    return replace(grammar.with_weights(weights), lengths=lengths, like=None)


def _maximise(own: Sequence[float], met: Mapping[tuple[int, ...], float]) -> list[float]:
    total = sum(own) or 1.0
    weights = [count / total for count in own]
    if len(met) == 1:
        return weights
    for _ in range(_ROUNDS_OF_MM):
        below = [0.0] * len(own)
        for rivals, count in met.items():
            mass = sum(weights[k] for k in rivals)
            for k in rivals:
                below[k] += count / mass if mass else 0.0
        weights = [count / share if share else 0.0 for count, share in zip(own, below, strict=True)]
        mass = sum(weights)
        weights = [weight / mass for weight in weights]
    return weights


class Chances(dict[Feature, float]):
    """The probability of each feature under a grammar's weights, found when first asked for.

    ``shape`` says which rules compete: it is the grammar the forest was made with.
    """

    def __init__(self, grammar: Grammar, shape: Grammar) -> None:
        super().__init__()
        self._weights = {rule.label: rule.weight for rule in grammar.all_rules()}
        self._groups = {rule.label: group for group in shape.rules.values() for rule in group}
        self._lengths = grammar.lengths

    def __missing__(self, feature: Feature) -> float:
        label, n = feature
        if label.startswith("length "):
            table = self._lengths[label[7:]]
            chance = dict(table).get(n, 0) / sum(w for _, w in table)
        else:
            rivals = sum(self._weights[rule.label] for rule in self._groups[label] if rule.fits(n))
            chance = self._weights[label] / rivals if rivals else 0.0
        self[feature] = chance
        return chance


def _inside(forest: Forest, chances: Mapping[Feature, float]) -> list[float]:
    found: list[float] = []
    for edges in forest.edges:
        total = 0.0
        for edge in edges:
            value = 1.0
            for feature in edge.features:
                value *= chances[feature]
            for child in edge.children:
                value *= found[child]
            total += value
        found.append(total)
    return found


def _count(forest: Forest, chances: Mapping[Feature, float], counts: dict[Feature, float], times: int) -> None:
    inside = _inside(forest, chances)
    if not inside[-1]:
        return
    outside = [0.0] * len(inside)
    outside[-1] = times / inside[-1]
    for node in range(len(inside) - 1, -1, -1):
        share = outside[node]
        if not share:
            continue
        for edge in forest.edges[node]:
            chance = prod(chances[feature] for feature in edge.features)
            values = [inside[child] for child in edge.children]
            for k, child in enumerate(edge.children):
                outside[child] += share * chance * prod(values[:k]) * prod(values[k + 1 :])
            expected = share * chance * prod(values)
            for feature in edge.features:
                counts[feature] += expected
