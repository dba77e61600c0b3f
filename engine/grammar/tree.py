"""The derivation tree: what was derived from what, where, and what is shared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from engine.grammar.model import BAR


class Node(NamedTuple):
    """A symbol's stretch of time and what it was derived into.

    start, length: in 1/48 bar, start from the root's. label: of the rule used ("" for a leaf).
    share: which shared subtree this is one use of ("P", "P#2", ...; equal names, equal subtrees), or "".
    change: how this use differs: "" not at all, "vary", "end".
    """

    symbol: str
    start: int
    length: int
    label: str = ""
    children: tuple[Node, ...] = ()
    share: str = ""
    change: str = ""

    def leaves(self) -> Iterator[tuple[Node, tuple[Node, ...]]]:
        """Yield each leaf with the nodes above it, root first."""
        stack: list[tuple[Node, tuple[Node, ...]]] = [(self, ())]
        while stack:
            node, trail = stack.pop()
            if not node.label:
                yield node, trail
            stack.extend((child, (*trail, node)) for child in reversed(node.children))

    def moved(self, by: int) -> Node:
        """Return the tree, starting later by so many units."""
        if not by:
            return self
        return self._replace(start=self.start + by, children=tuple(child.moved(by) for child in self.children))

    def alone(self, share: str = "") -> Node:
        """Return the tree under the name ``share``, without the names in it, which mean nothing elsewhere."""
        return self._replace(share=share, children=tuple(child.alone() for child in self.children))

    def cut(self, length: int) -> Node:
        """Return the first ``length`` units of the tree; a leaf across the cut is shortened."""
        end = self.start + length
        kept = tuple(c.cut(min(c.length, end - c.start)) for c in self.children if c.start < end)
        return self._replace(length=length, children=kept)

    def ended(self, ending: Node) -> Node:
        """Return the tree with its last part given to another tree that ends where it ends."""
        kept = self.cut(self.length - ending.length)
        inner = kept.children if kept.label else (kept,)
        return self._replace(label=self.label or self.symbol, children=(*inner, ending), change="end")

    def with_leaf_lengths(self, lengths: Iterator[int]) -> Node:
        """Return the tree with the lengths of its leaves, in order, replaced, and all starts after them."""
        return self._lengthened(lengths, self.start)

    def _lengthened(self, lengths: Iterator[int], start: int) -> Node:
        if not self.label:
            return self._replace(start=start, length=next(lengths))
        children: list[Node] = []
        at = start
        for child in self.children:
            children.append(child._lengthened(lengths, at))
            at += children[-1].length
        return self._replace(start=start, length=at - start, children=tuple(children))

    def draw(self, name: Callable[[Node], str] | None = None) -> str:
        """Return the tree as text, a node a line: symbol, bars, rule, sharing."""
        lines: list[str] = []
        stack: list[tuple[Node, str, str]] = [(self, "", "")]
        while stack:
            node, lead, below = stack.pop()
            title = name(node) if name else node.symbol
            facts = [f"{_bars(node.length)} bar{'' if node.length <= BAR else 's'} from {_bars(node.start)}"]
            if node.label:
                facts.append(f"[{node.label}]")
            if node.share:
                facts.append(f"= {node.share}" + {"": "", "vary": "'", "end": " with another ending"}[node.change])
            lines.append(f"{lead}{title}  {'  '.join(facts)}")
            last = len(node.children) - 1
            rows = [
                (child, below + ("└─ " if i == last else "├─ "), below + ("   " if i == last else "│  "))
                for i, child in enumerate(node.children)
            ]
            stack.extend(reversed(rows))
        return "\n".join(lines)

    def to_data(self) -> list[Any]:
        """Return the tree as plain JSON data."""
        return [*self[:4], [child.to_data() for child in self.children], self.share, self.change]


def from_data(data: list[Any]) -> Node:
    """Return the tree of ``to_data``."""
    symbol, start, length, label, children, share, change = data
    return Node(symbol, start, length, label, tuple(from_data(child) for child in children), share, change)


def _bars(units: int) -> str:
    return str(Fraction(units, BAR))
