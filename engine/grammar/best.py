"""The likeliest derivation of what was observed (Viterbi over a packed forest), in whole numbers."""

from __future__ import annotations

from engine.chain.costs import log2_cost
from engine.grammar.model import Grammar
from engine.grammar.parse import Edge, Forest
from engine.grammar.tree import Node


def best(forest: Forest, grammar: Grammar) -> Node:
    """Return the likeliest derivation of a forest, by the weights of a grammar."""
    return _Best(forest, grammar).tree()


class _Best:
    def __init__(self, forest: Forest, grammar: Grammar) -> None:
        self._forest = forest
        self._weights = {rule.label: rule.weight for rule in grammar.all_rules()}
        self._totals = {symbol: sum(rule.weight for rule in group) for symbol, group in grammar.rules.items()}
        self._shares: dict[str, int] = {}
        costs: list[int] = []
        self._choice: list[Edge] = []
        for edges in forest.edges:
            rows = [self._cost(edge) + sum(costs[child] for child in edge.children) for edge in edges]
            costs.append(min(rows))
            self._choice.append(edges[rows.index(min(rows))])

    def tree(self) -> Node:
        return self._grow(len(self._choice) - 1, {})

    def _cost(self, edge: Edge) -> int:
        if edge.k >= 0:
            return 0
        return log2_cost(self._totals[edge.rule.symbol]) - log2_cost(max(self._weights[edge.rule.label], 1))

    def _grow(self, node: int, env: dict[str, tuple[Node, str]]) -> Node:
        top = self._choice[node]
        children: list[Node] = []
        at = top.after
        while at >= 0:
            edge = self._choice[at]
            item = edge.rule.items[edge.k]
            if item.kind == "use":
                shared, share = env[item.name]
                found = shared.moved(edge.start - shared.start)
                if item.change == "end":
                    found = found.ended(self._below(edge, item.symbol, env))
                children.append(found._replace(share=share, change=item.change))
            elif item.kind == "bind":
                self._shares[item.name] = number = self._shares.get(item.name, 0) + 1
                share = item.name if number == 1 else f"{item.name}#{number}"
                env = {**env, item.name: (self._below(edge, item.symbol, env), share)}
            else:
                children.append(self._below(edge, item.symbol, env))
            at = edge.after
        return Node(top.rule.symbol, top.start, top.length, top.rule.label, tuple(children))

    def _below(self, edge: Edge, symbol: str, env: dict[str, tuple[Node, str]]) -> Node:
        if edge.below >= 0:
            return self._grow(edge.below, env)
        return Node(symbol, edge.start, edge.length)
