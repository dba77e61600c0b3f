"""Where a chord comes from: the rule of the grammar, another section, or a person."""

from __future__ import annotations

from typing import NamedTuple

from engine.errors import UsageError
from engine.grammar.model import BAR
from engine.grammar.tree import Node
from engine.models.harmony import BORROWED
from engine.song import Section, Song
from engine.theory.chord import parse_numeral

GIVEN = "given"


class Origin(NamedTuple):
    """Where a chord comes from.

    how: "derived", "given" (by a person), "borrowed" (from verse or chorus), "ending" (a section's own, in place of
    what was derived) or "kept" (its derivation is not in the file). rule: the rule that wrote it; trail: all rules, the
    section's first. share: the shared part of the derivation it lies in, "" for none.
    """

    how: str
    rule: str
    trail: tuple[str, ...]
    share: str


def origin(song: Song, section: Section, tick: int) -> Origin:
    """Return where the chord at a tick of a section comes from."""
    tree = dict(song.harmony).get(section.material)
    if not isinstance(tree, Node):
        return Origin("kept", "", (), "")
    at = min(max(tick, 0) * BAR // song.meter.bar, tree.length - 1)
    leaf, trail = next((leaf, trail) for leaf, trail in tree.leaves() if leaf.start <= at < leaf.start + leaf.length)
    rules = tuple(node.label for node in trail if node.label)
    share = next((node.share for node in reversed(trail) if node.share), "")
    rule = rules[-1] if rules else ""
    if rule == GIVEN:
        return Origin("given", rule, rules, "")
    if _root(leaf.symbol) != _root(section.chord_at(tick).numeral):
        return Origin("ending", "", (), "")
    borrowed = len(rules) == 1 and rule in BORROWED
    return Origin("borrowed" if borrowed else "derived", rule, rules, share)


def _root(numeral: str) -> int | None:
    try:
        return parse_numeral(numeral).root
    except UsageError:
        return None
