"""The derivation of a song's form and chords, as people read it: without empty nodes, steps that only rename in one."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from engine.explain.chords import GIVEN
from engine.grammar.model import BAR
from engine.grammar.tree import Node
from engine.models.harmony import BORROWED
from engine.song import Song

_CHANGES = {"": "", "vary": ", varied", "end": ", with another ending"}
_WAYS = {"head": "its beginning", "tail": "its end", "loop": "its first four bars"}


class Twig(NamedTuple):
    """A node of a derivation, with those above it that have no other part.

    symbols, rules: of all of them, the highest first. start, bars: from the beginning of the tree, in bars. shares:
    names of the shared parts that it is a use of. change: how it differs. again: whether a part of that name stands
    before it, the same. section: of the song, in a leaf of the form.
    """

    symbols: tuple[str, ...]
    rules: tuple[str, ...]
    start: Fraction
    bars: Fraction
    shares: tuple[str, ...] = ()
    change: str = ""
    again: bool = False
    section: str = ""
    parts: tuple[Twig, ...] = ()

    @property
    def depth(self) -> int:
        """Levels from here down."""
        return 1 + max((part.depth for part in self.parts), default=0)

    @property
    def named(self) -> tuple[str, ...]:
        """The rules that have a name of their own, and not their symbol's and a number."""
        return tuple(rule for rule in self.rules if rule.partition(".")[0] not in self.symbols)

    @property
    def shared(self) -> str:
        """What it is a use of, in words; "" if it is nobody's."""
        # What another section lends is named by it and by a number: "verse 3".
        names = (f"a part of the {name.split()[0]}" if " " in name else name for name in self.shares)
        return " = ".join(names) + _CHANGES[self.change] if self.shares else ""


class Derivation(NamedTuple):
    """A tree: of the form (material ""), or of a material's chords with the sections that have them."""

    material: str
    sections: tuple[str, ...]
    source: str
    root: Twig


def derivations(song: Song) -> tuple[Derivation, ...]:
    """Return the derivation of a song's form, then of the chords of each material, in order of the song."""
    found = []
    names = [section.name for section in song.sections]
    if isinstance(song.tree, Node):
        found.append(Derivation("", tuple(names), "", _twig(song.tree, {}, iter(names))))
    trees = dict(song.harmony)
    for material in dict.fromkeys(section.material for section in song.sections):
        tree = trees.get(material)
        if isinstance(tree, Node):
            users = tuple(section.name for section in song.sections if section.material == material)
            found.append(Derivation(material, users, _source(tree), _twig(tree, {}, None)))
    return tuple(found)


def _source(tree: Node) -> str:
    if tree.label == GIVEN:
        return "given by the user"
    if tree.label in BORROWED:
        name, _, way = tree.label.partition("-")
        return f"borrowed from the {name}: {_WAYS[way]}"
    return ""


def _twig(node: Node, seen: dict[str, Node], names: Any) -> Twig:
    symbols, rules, shares, change = [node.symbol], [node.label], [node.share], node.change
    whole = [node]
    parts = [child for child in node.children if child.length]
    while len(parts) == 1:
        node = parts[0]
        symbols.append(node.symbol)
        rules.append(node.label)
        shares.append(node.share)
        change = change or node.change
        whole.append(node)
        parts = [child for child in node.children if child.length]
    again = False
    for one in whole:
        if one.share:
            before = seen.setdefault(one.share, one)
            again = again or (before is not one and before.moved(-before.start) == one.moved(-one.start))
    section = next(names, "") if names is not None and not parts else ""
    return Twig(
        tuple(symbols),
        tuple(rule for rule in rules if rule),
        Fraction(whole[0].start, BAR),
        Fraction(whole[0].length, BAR),
        tuple(dict.fromkeys(share for share in shares if share)),
        change,
        again,
        section,
        tuple(_twig(part, seen, names) for part in parts),
    )


def text(song: Song) -> str:
    """Return the derivations as text, a node a line."""
    blocks = []
    for tree in derivations(song):
        title = "form" if not tree.material else f"chords of {tree.material}: {', '.join(tree.sections)}"
        source = f" ({tree.source})" if tree.source else ""
        blocks.append("\n".join([title + source, *_lines(tree.root, "", "", bool(tree.material))]))
    return "\n\n".join(blocks)


def _lines(twig: Twig, lead: str, below: str, once: bool) -> list[str]:
    # once: what comes again is not written again. Sections have names of their own, so the form is written out.
    count = f"{twig.bars} bar{'' if twig.bars <= 1 else 's'} from {float(twig.start + 1):g}"
    rules = f"  [{' > '.join(twig.named)}]" if twig.named else ""
    share = f"  = {twig.shared}" if twig.shared else ""
    title = twig.section or twig.symbols[-1 if not twig.parts else 0]
    if twig.again and twig.parts:
        share += ", as above"
        rules = ""
    lines = [f"{lead}{title}  {count}{rules}{share}"]
    if twig.again and once:
        return lines
    for number, part in enumerate(twig.parts, 1):
        last = number == len(twig.parts)
        lines += _lines(part, below + ("└─ " if last else "├─ "), below + ("   " if last else "│  "), once)
    return lines


def facts(song: Song) -> dict[str, Any]:
    """Return the derivations as plain JSON data; starts and lengths in bars, starts from 0."""
    trees = derivations(song)
    return {
        "form": next((_data(tree.root) for tree in trees if not tree.material), None),
        "chords": [
            {"material": tree.material, "sections": tree.sections, "source": tree.source, "tree": _data(tree.root)}
            for tree in trees
            if tree.material
        ],
    }


def _data(twig: Twig) -> dict[str, Any]:
    return {
        "symbols": twig.symbols,
        "rules": twig.rules,
        "start": float(twig.start),
        "bars": float(twig.bars),
        "shares": twig.shares,
        "change": twig.change,
        "again": twig.again,
        **({"section": twig.section} if twig.section else {}),
        "parts": [_data(part) for part in twig.parts],
    }
