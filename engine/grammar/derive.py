"""Exact draws of a derivation: top down, each choice in proportion to its weight times what can follow.

Every node draws from its own place in the tree, so one subtree can be drawn again while the rest stays,
and a shared subtree is drawn once and used again.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import NamedTuple

from engine.errors import GrammarError
from engine.grammar.facts import facts_of_weights
from engine.grammar.inside import Inside, Scope, inside, too_deep
from engine.grammar.model import BAR, FOREVER, Grammar, Item, Rule
from engine.grammar.tree import Node
from engine.stream import Stream, choose


class _Bound(NamedTuple):
    node: Node
    tally: int
    share: str


_Env = dict[str, _Bound]


def derive(
    grammar: Grammar,
    start: str,
    length: int | Mapping[int, int] | None,
    stream: Stream,
    *,
    counted: str = "",
    least: int = 0,
    late: Container[str] = (),
    until: int = 0,
    enough: int = FOREVER,
    memory: Memory | None = None,
) -> Node:
    """Return one derivation of ``start``, drawn exactly from the grammar.

    length: in 1/48 bar, or allowed lengths with whole-number weights by which the chance of each is multiplied;
    None lets the derivation be as long as it comes, by the weights of its rules alone.
    counted, least: with a length, a terminal that must occur at least so often. Without a length, rules whose
    labels are in ``late`` wait until so many units have gone by (unless there is no other), and after ``enough``
    units only the shortest ways are taken. memory: subtrees that may come again, with a length and nothing counted.
    Raises GrammarError when nothing can fill the length.
    """
    if length is None:
        try:
            return _Free(grammar, late, until, enough).grow(start, 0, {}, stream.at(start))
        except RecursionError:
            raise too_deep(grammar, start) from None
    table = inside(grammar, counted, least)
    wanted = length if isinstance(length, Mapping) else {length: 1}
    found = table.begin(start, wanted)
    weights = [row[least] * weight for row, weight in zip(found, wanted.values(), strict=True)]
    if not any(weights):
        asked = ", ".join(f"{n / BAR:g}" for n in wanted) if len(wanted) < 9 else "the asked number of"
        extra = f" with {counted} at least {least} times" if least else ""
        raise GrammarError(f'grammar {grammar.name}: "{start}" cannot fill {asked} bars{extra}')
    n = list(wanted)[choose(weights, stream.words(1)[0])]
    return _Draw(table, memory=None if counted else memory).grow(start, 0, n, least, {}, stream.at(start))


class Memory(NamedTuple):
    """Subtrees of earlier derivations, as adaptor grammars remember them (Johnson, Griffiths and Goldwater 2007).

    trees: by symbol and length, each under a name of its own (``Node.share``); of those there are, each is as likely.
    chances: by length, in 65,536ths, the chance that a part is one of them where there are any.
    """

    trees: Mapping[tuple[str, int], tuple[Node, ...]]
    chances: Mapping[int, int]


class _Draw:
    def __init__(self, table: Inside, names: _Names | None = None, memory: Memory | None = None) -> None:
        self._table = table
        self._names = names or _Names()
        self._memory = memory

    def grow(self, symbol: str, start: int, n: int, count: int, env: _Env, stream: Stream) -> Node:
        if symbol not in self._table.grammar.rules:
            return Node(symbol, start, n)
        if self._memory is not None and (symbol, n) in self._memory.trees:
            chance, which = stream.at("again").words(2)
            if chance >> 48 < self._memory.chances.get(n, 0):
                trees = self._memory.trees[symbol, n]
                node = trees[which * len(trees) >> 64]
                return node.moved(start - node.start).alone(node.share)
        scope = self._table.scope_of(symbol, _scope(env))
        words = _Words(stream)
        rule = self._table.usable(symbol, n)[words.pick(0, self._table.ways(symbol, n, count, scope))]
        return Node(symbol, start, n, rule.label, self._children(rule, start, n, count, env, words, stream))

    def _children(
        self, rule: Rule, start: int, n: int, count: int, env: _Env, words: _Words, stream: Stream
    ) -> tuple[Node, ...]:
        table, most = self._table, self._table.most
        if table.is_plain(rule):
            return self._plain_children(rule, start, n, env, stream)
        children: list[Node] = []
        seen: dict[str, int] = {}
        at, left = start, n
        for k, item in enumerate(rule.items):
            options, weights = [], []
            for choice in table.choices(rule, k, left, n, _scope(env)):
                after = table.rest(rule, k + 1, left - choice.time, n, choice.scope)
                for a, v in enumerate(choice.weights):
                    for b, w in enumerate(after):
                        if v and w and min(a + b, most) == count:
                            options.append((choice, a, b))
                            weights.append(v * w)
            choice, own, count = options[words.pick(k + 1, weights)]
            seen[item.symbol] = seen.get(item.symbol, 0) + 1
            if item.kind == "bind":
                node = self.grow(item.symbol, 0, choice.length, choice.tally, env, stream.at("let", item.name))
                env = {**env, item.name: _Bound(node, choice.tally, self._names.next(item.name))}
                continue
            if item.kind == "use":
                children.append(self._use(item, env[item.name], at, n, own, env, stream.at("end", k)))
            else:
                place = stream.at(item.symbol, seen[item.symbol])
                children.append(self.grow(item.symbol, at, choice.length, own, env, place))
            at += choice.time
            left -= choice.time
        return tuple(children)

    def _plain_children(self, rule: Rule, start: int, n: int, env: _Env, stream: Stream) -> tuple[Node, ...]:
        """Return the children of a rule whose parts have but one length each."""
        sizes = self._table.sizes(rule, n, _scope(env))
        assert sizes is not None, "the inside weights let only rules pass that fit"
        children: list[Node] = []
        seen: dict[str, int] = {}
        at = start
        for k, (item, size) in enumerate(zip(rule.items, sizes, strict=True)):
            seen[item.symbol] = seen.get(item.symbol, 0) + 1
            if item.kind == "bind":
                node = self.grow(item.symbol, 0, size, 0, env, stream.at("let", item.name))
                env = {**env, item.name: _Bound(node, 0, self._names.next(item.name))}
                continue
            if item.kind == "use":
                children.append(self._use(item, env[item.name], at, n, 0, env, stream.at("end", k)))
            else:
                place = stream.at(item.symbol, seen[item.symbol])
                children.append(self.grow(item.symbol, at, size, 0, env, place))
            at += children[-1].length
        return tuple(children)

    def _use(self, item: Item, bound: _Bound, at: int, n: int, own: int, env: _Env, stream: Stream) -> Node:
        if item.change != "end":
            return bound.node.moved(at)._replace(share=bound.share, change=item.change)
        size = item.length.of(n) if item.length else None
        assert size is not None, "the inside weights let only whole endings pass"
        most = self._table.most
        weights = self._table.weigh(item.symbol, size, self._table.scope_of(item.symbol, _scope(env)))
        fitting = [c for c, w in enumerate(weights) if w and min(c + bound.tally, most) == own]
        count = fitting[choose([weights[c] for c in fitting], stream.words(1)[0])]
        ending = self.grow(item.symbol, at + bound.node.length - size, size, count, env, stream.at(item.symbol))
        return bound.node.moved(at).ended(ending)._replace(share=bound.share)


class _Free:
    """Derivation without a length: rules by their weights alone."""

    def __init__(self, grammar: Grammar, late: Container[str], until: int, enough: int) -> None:
        self._grammar = grammar
        self._late = late
        self._until = until
        self._enough = enough
        self._names = _Names()

    def grow(self, symbol: str, start: int, env: _Env, stream: Stream) -> Node:
        words = _Words(stream)
        rules = self._grammar.rules.get(symbol)
        if rules is None:
            table = self._grammar.lengths.get(symbol)
            if not table:
                raise GrammarError(f'grammar {self._grammar.name}: "{symbol}" has no length', "give it a length table")
            return Node(symbol, start, table[words.pick(0, [weight for _, weight in table])][0])
        usable = [rule for rule in rules if rule.weight]
        if start < self._until:
            usable = [rule for rule in usable if rule.label not in self._late] or usable
        elif start >= self._enough:
            least = {rule.label: facts_of_weights(self._grammar).span_from[rule.label][0][0] for rule in usable}
            usable = [rule for rule in usable if least[rule.label] == min(least.values())]
        if not usable:
            raise GrammarError(f'grammar {self._grammar.name}: every rule of "{symbol}" weighs 0')
        rule = usable[words.pick(0, [rule.weight for rule in usable])]
        children: list[Node] = []
        seen: dict[str, int] = {}
        at = start
        for k, item in enumerate(rule.items):
            seen[item.symbol] = seen.get(item.symbol, 0) + 1
            if item.kind == "bind":
                node = self._part(item, 0, env, stream.at("let", item.name))
                env = {**env, item.name: _Bound(node, 0, self._names.next(item.name))}
                continue
            if item.kind == "use":
                node = env[item.name].node.moved(at)
                if item.change == "end":
                    size = self._size(item)
                    node = node.ended(self._part(item, at + node.length - size, env, stream.at("end", k)))
                children.append(node._replace(share=env[item.name].share, change=item.change))
            else:
                children.append(self._part(item, at, env, stream.at(item.symbol, seen[item.symbol])))
            at = children[-1].start + children[-1].length
        return Node(symbol, start, at - start, rule.label, tuple(children))

    def _part(self, item: Item, at: int, env: _Env, stream: Stream) -> Node:
        if item.length is None:
            return self.grow(item.symbol, at, env, stream)
        size, table = self._size(item), inside(self._grammar)
        if not table.weigh(item.symbol, size, table.scope_of(item.symbol, _scope(env)))[0]:
            raise GrammarError(f'grammar {self._grammar.name}: "{item.symbol}" cannot fill {size / BAR:g} bars')
        return _Draw(table, self._names).grow(item.symbol, at, size, 0, env, stream)

    def _size(self, item: Item) -> int:
        if item.length is None or item.length.num:
            raise GrammarError(
                f'grammar {self._grammar.name}: "{item.symbol}" is measured by a whole that has no length',
                "give it a length of its own",
            )
        return item.length.add


class _Names:
    """Names for shared subtrees, each its own: P, P#2, ..."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def next(self, name: str) -> str:
        self._counts[name] = number = self._counts.get(name, 0) + 1
        return name if number == 1 else f"{name}#{number}"


class _Words:
    """The random words of one node, hashed only when there is something to choose."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def pick(self, place: int, weights: list[int]) -> int:
        if len(weights) == 1:
            return 0
        return choose(weights, self._stream.words(place + 1)[place])


def _scope(env: _Env) -> Scope:
    return tuple(sorted((name, bound.node.length, bound.tally) for name, bound in env.items()))
