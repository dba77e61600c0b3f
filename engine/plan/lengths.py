"""How long sections are: bars for all materials of a song at once, under the length of the whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from engine.chain.sampler import Sampler, Step
from engine.errors import RuleConflict, UsageError
from engine.grammar.model import BAR, Grammar
from engine.grammar.tree import Node
from engine.song import Request
from engine.stream import Stream
from engine.style.model import Style

_NEAR = 24  # bars by which a song may miss a length asked for, if its sections leave nothing nearer
_FAST, _SLOW = 11, 42  # tenths of a second to the bar: 4/4 at 218 and at 57
_SWAY = 4  # percent by which the tempo may give way to a length asked for


class _Material(NamedTuple):
    name: str
    kind: str
    uses: int


def bounds(style: Style, request: Request, tempo: int) -> tuple[int, int]:
    """Return the fewest and most bars: of the length asked for, or within the style's seconds."""
    if request.length:
        target = max(_in_bars(2 * request.length, style, tempo) + 1 >> 1, 1)
        return target, target
    low, high = style.seconds
    return -(-low * 8 * tempo // style.meter.bar), max(_in_bars(high, style, tempo), 1)


def pace_of(style: Style, tempo: int) -> Fraction:
    """Return how many bars count as one: where bars go by very fast (or slowly) sections have twice (half) as many."""
    tenths = 10 * style.meter.bar // (8 * tempo)  # of a second to the bar
    return Fraction(2) if tenths < _FAST else Fraction(1, 2) if tenths > _SLOW else Fraction(1)


def _in_bars(seconds: int, style: Style, tempo: int) -> int:
    # 480 ticks a quarter: 8 ticks a second for each beat a minute.
    return seconds * 8 * tempo // style.meter.bar


def draw_bars(
    tree: Node,
    names: Sequence[str],
    grammar: Grammar,
    window: tuple[int, int],
    style: Style,
    request: Request,
    tempo: int,
    stream: Stream,
) -> list[int]:
    """Return the bars of each section: those of one material alike, the whole within the window."""
    kinds: dict[str, str] = {}
    fixed: dict[str, int] = {}
    for (leaf, _), name in zip(tree.leaves(), names, strict=True):
        kinds.setdefault(name, leaf.symbol)
        fixed.setdefault(name, leaf.length)
    materials = [_Material(name, kind, names.count(name)) for name, kind in kinds.items()]
    choices = [_choices(grammar, m, fixed[m.name], style, tempo) for m in materials]
    fewest = sum(min(lengths) * m.uses for (lengths, _), m in zip(choices, materials, strict=True))
    most = sum(max(lengths) * m.uses for (lengths, _), m in zip(choices, materials, strict=True))
    low, high = window
    # A length asked for may be missed by a little; a form matters more than the style's usual length.
    slack = _NEAR if request.length else most
    top = min(high + slack, most) + 1
    totals = np.arange(top + 1, dtype=np.int64)
    beyond = np.maximum(np.maximum(low - totals, totals - high), 0)
    # No further outside the window than these sections cannot help.
    least = min((max(low - n, n - high, 0) for n in _reachable(choices, materials) if n < top), default=slack + 1)
    final = ((beyond == least) & (beyond <= slack) & (totals < top)).astype(np.int64)
    steps = []
    for (lengths, weights), material in zip(choices, materials, strict=True):
        after = totals[:, None] + material.uses * np.array(lengths, dtype=np.int64)
        inside = after < top
        steps.append(Step(np.where(inside, np.array(weights, dtype=np.int64), 0), np.where(inside, after, top)))
    try:
        drawn = Sampler(steps, 0, final).draw(stream)
    except (RuleConflict, ValueError):
        raise UsageError(
            f"a form of {len(names)} sections lasts {_clock(fewest, style, tempo)} to {_clock(most, style, tempo)} at "
            f"tempo {tempo}, not {_asked(style, request)}",
            "ask for another form, length or tempo",
        ) from None
    bars = {m.name: lengths[k] for m, (lengths, _), k in zip(materials, choices, drawn, strict=True)}
    return [bars[name] for name in names]


def _reachable(
    choices: Sequence[tuple[tuple[int, ...], tuple[int, ...]]], materials: Sequence[_Material]
) -> Iterator[int]:
    """Yield the bars that the materials can come to together."""
    sums = 1  # bit n: n bars
    for (lengths, weights), material in zip(choices, materials, strict=True):
        before, sums = sums, 0
        for length, weight in zip(lengths, weights, strict=True):
            if weight:
                sums |= before << length * material.uses
    while sums:
        lowest = sums & -sums
        yield lowest.bit_length() - 1
        sums ^= lowest


def _choices(
    grammar: Grammar, material: _Material, drawn: int, style: Style, tempo: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return (bars, weights) of what a material may last: as the style says, the table of its kind, or as derived."""
    own = {bars: weight for bars, weight in style.bars.get(material.kind, {}).items() if weight}
    if own:
        return tuple(own), tuple(own.values())
    table: dict[int, int] = {}
    pace = pace_of(style, tempo)
    for n, weight in grammar.lengths.get(material.kind, ()):
        bars = -int(-n * pace // BAR)
        table[bars] = table.get(bars, 0) + weight
    if not table:
        table = {max(drawn // BAR, 1): 1}
    return tuple(table), tuple(table.values())


def _clock(bars: int, style: Style, tempo: int) -> str:
    seconds = bars * style.meter.bar // (8 * tempo)
    return f"{seconds // 60}:{seconds % 60:02}"


def _asked(style: Style, request: Request) -> str:
    def clock(seconds: int) -> str:
        return f"{seconds // 60}:{seconds % 60:02}"

    return clock(request.length) if request.length else " to ".join(map(clock, style.seconds))


def nudged(tempo: int, bars: int, style: Style, seconds: int) -> int:
    """Return the tempo at which so many bars last the seconds asked for, if it is near enough and in the style."""
    exact = (bars * style.meter.bar + 4 * seconds) // (8 * seconds)
    near = 100 * abs(exact - tempo) <= _SWAY * tempo
    return exact if near and style.tempo[0] <= exact <= style.tempo[2] else tempo
