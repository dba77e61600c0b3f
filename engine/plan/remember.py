"""What a song says again of its own harmony: chords taken as a whole, and parts of derivations that return."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from engine.grammar.derive import Memory
from engine.grammar.model import BAR
from engine.grammar.tree import Node
from engine.models.harmony import model, span_class
from engine.plan.plan import Plan

T = TypeVar("T")

# In this order materials get their chords; what comes later may take some from verse and chorus.
ORDER = ("verse", "chorus", "prechorus", "bridge", "solo", "intro", "interlude", "outro")
SOURCES = ("verse", "chorus")
_LOOP = 4  # bars


def borrow(way: str, count: int, kind: str, sources: Mapping[str, Sequence[T]]) -> tuple[T, ...]:
    """Return the bars that a kind of section of so many bars takes in a way of BORROWED; () where it cannot.

    sources: the bars of the first section of each kind.
    """
    name, _, part = way.partition("-")
    source = sources.get(name, ())
    if name == kind or not source:
        return ()
    if part == "tail":
        # The end of something no longer than what is wanted is its whole.
        return tuple(source[-count:]) if len(source) > count else ()
    if part == "loop":
        source = source[:_LOOP] if len(source) > _LOOP < count else ()
    return tuple(source[k % len(source)] for k in range(count)) if source else ()


def memory(plan: Plan, trees: Mapping[str, Node]) -> Memory | None:
    """Return the parts of verse and chorus that may come again, each under a name of its own."""
    if not trees:
        return None
    found: dict[tuple[str, int], list[Node]] = {}
    for kind, tree in trees.items():
        for number, node in enumerate(parts(tree), 1):
            found.setdefault((node.symbol, node.length), []).append(node._replace(share=f"{kind} {number}"))
    again, percent = model(plan.style.models).again, plan.style.rules["harmony.again"]
    chances = {length: again[span_class(length // BAR)] * percent // 100 for _, length in found}
    return Memory({key: tuple(nodes) for key, nodes in found.items()}, chances)


def parts(tree: Node) -> Iterator[Node]:
    """Yield the parts of a derivation that may come again, each shared one once."""
    seen: set[str] = set()
    stack = list(reversed(tree.children))
    while stack:
        node = stack.pop()
        if node.change == "end" or not node.label or node.share in seen:
            continue
        if node.share:
            seen.add(node.share)
        if span_class(node.length // BAR) >= 0:
            yield node
        stack.extend(reversed(node.children))
