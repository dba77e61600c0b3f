"""The derivation as a picture: time runs to the right, every row is a step further down, colours are shared parts.

An icicle plot (Kruskal and Landwehr, "Icicle plots", The American Statistician 1983): a part is as wide as it is long,
so songs of any length stay as wide as the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape

from engine.explain.derivation import Derivation, Twig, derivations
from engine.export.chart import head
from engine.notation.sheet import title
from engine.picture.svg import FAINT, GROUNDS, PLAIN, document, rect, shortened, text, width_of
from engine.song import Song

WIDTH, MARGIN = 1200, 12
_ROW, _GAP, _HEAD = 24, 34, 22
_WIDEST = 110  # of a bar
_STROKES = ("#0064a6", "#c2410c", "#00795a", "#a03b7e", "#8a5a00", "#6a4fb0", "#44474d", "#2477a8")
_SIZE, _SMALL, _PAD = 10, 8, 3


def tree_svg(song: Song) -> str:
    """Return the derivations of a song's form and chords as SVG text."""
    trees = derivations(song)
    name = title(song)
    lines = [
        text(MARGIN, 22, name, 'font-size="16" font-weight="bold"'),
        text(MARGIN + width_of(name, 18) + 16, 22, head(song), f'fill="{FAINT}" font-size="12"'),
    ]
    y = 44.0
    for tree in trees:
        scale = min((WIDTH - 2 * MARGIN) / float(tree.root.bars), _WIDEST if tree.material else WIDTH)
        lines.append(text(MARGIN, y + 12, _title(tree), 'font-size="12" font-weight="bold"'))
        y += _HEAD
        if not tree.material:
            lines += _ruler(tree.root, y + 6, scale)
            y += 12
        colours = _colours(tree.root)
        lines += _boxes(tree.root, 0, y, scale, colours, {section.name: section.kind for section in song.sections})
        y += tree.root.depth * _ROW + (_GAP if tree.material else _GAP + 8)
    about = "; ".join(f"{_title(tree)}" for tree in trees)
    return document(WIDTH, y, f"Derivation of {name}", about, lines)


def _title(tree: Derivation) -> str:
    if not tree.material:
        return "Form"
    users = ", ".join(tree.sections)
    return f"Chords of {tree.material} ({users})"[:150] + (f", {tree.source}" if tree.source else "")


def _colours(root: Twig) -> dict[str, str]:
    """Return a colour for each shared part, in order of their coming."""
    names: dict[str, None] = {}
    waiting = [root]
    while waiting:
        twig = waiting.pop(0)
        names |= dict.fromkeys(twig.shares[-1:])
        waiting += twig.parts
    return {name: _STROKES[number % len(_STROKES)] for number, name in enumerate(names)}


def _boxes(
    twig: Twig, row: int, top: float, scale: float, colours: dict[str, str], kinds: dict[str, str]
) -> Iterator[str]:
    x, wide, y = MARGIN + float(twig.start) * scale, float(twig.bars) * scale, top + row * _ROW
    leaf = not twig.parts
    ground = GROUNDS.get(kinds.get(twig.section, ""), PLAIN)
    yield f"<g><title>{_about(twig)}</title>"
    yield rect(x, y, wide, _ROW, ground, 'stroke="#fff"')
    if twig.shares:
        colour = colours[twig.shares[-1]]
        yield rect(x + 0.5, y + 0.5, wide - 1, _ROW - 1, colour, f'fill-opacity="{".16" if twig.again else ".34"}"')
        yield rect(x + 0.5, y + 0.5, min(3, wide / 2), _ROW - 1, colour)
    words, size = _words(twig, wide - 2 * _PAD)
    weight = ' font-weight="bold"' if leaf else ""
    if words and size:
        yield text(x + min(6, _PAD + size - _SMALL), y + 16, words, f'font-size="{size}"{weight}')
    yield "</g>"
    for part in twig.parts:
        yield from _boxes(part, row + 1, top, scale, colours, kinds)


def _words(twig: Twig, room: float) -> tuple[str, int]:
    """Return the most that there is room for: name, rule and what it shares; and its size."""
    if twig.section:
        return _first(
            (f"{_section(twig)} = {twig.shared}", shortened(_section(twig), room, _SIZE + 2)), room, _SIZE + 2
        )
    if not twig.parts:
        # A chord is told as long as it can be read.
        sizes = (size for size in (_SIZE + 2, _SIZE, _SMALL) if width_of(twig.symbols[-1], size) <= room)
        return twig.symbols[-1], next(sizes, 0)
    name, rule = twig.symbols[0], twig.named[-1] if twig.named else ""
    share = f" = {twig.shared}" if twig.shared else ""
    return _first((f"{name}  {rule}{share}".strip(), f"{name}{share}", share.strip(), name), room, _SIZE)


def _first(ways: Iterable[str], room: float, size: int) -> tuple[str, int]:
    return next((words for words in ways if words and width_of(words, size) <= room), ""), size


def _ruler(twig: Twig, y: float, scale: float) -> Iterator[str]:
    """Yield the numbers of the bars in which sections begin, as far apart as they can be read."""
    right, waiting = 0.0, [twig]
    while waiting:
        here = waiting.pop()
        waiting += reversed(here.parts)
        x, words = MARGIN + float(here.start) * scale, f"{float(here.start + 1):g}"
        if not here.parts and x >= right:
            yield text(x, y, words, f'fill="{FAINT}" font-size="9"')
            right = x + width_of(words, 9) + 6


def _section(twig: Twig) -> str:
    kind, _, number = twig.section.partition("/")
    return f"{'Pre-Chorus' if kind == 'prechorus' else kind.capitalize()} {number}"


def _about(twig: Twig) -> str:
    shared = f", {twig.shared}" if twig.shared else ""
    rules = f": {' > '.join(twig.rules)}" if twig.rules else ""
    where = f"{twig.bars} bar{'' if twig.bars <= 1 else 's'} from bar {float(twig.start + 1):g}"
    return escape(f"{twig.section or ' > '.join(twig.symbols)}{rules}; {where}{shared}")
