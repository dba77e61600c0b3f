"""The piano roll as the page has it: one row that scrolls, a group for each lane, names left to the page."""

from __future__ import annotations

from collections.abc import Iterator

from engine.picture.pianoroll import Frame, bar_lines, chord_labels, frame, notes_svg
from engine.picture.roll import Roll
from engine.picture.svg import FAINT, FONT, GROUNDS, PLAIN, RULE, rect, shortened, text

TOP = 44  # above the first lane: sections and chords
_LEAST = 58  # of a lane: its name and two buttons to touch
_BAR, _WIDEST = 72.0, 26_000.0


def heights(roll: Roll) -> list[int]:
    """Return how tall each lane is, in points."""
    return [max(frame(lane).height, _LEAST) for lane in roll.lanes]


def sheet_svg(roll: Roll) -> tuple[str, float]:
    """Return the roll as an SVG element, and its points a unit of time."""
    bars = len(roll.bars) - 1
    wide = min(max(bars, 4) * _BAR, max(_WIDEST, 16.0 * bars))
    scale = wide / roll.end
    tall = TOP + sum(heights(roll))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide:.0f}" height="{tall}" viewBox="0 0 {wide:.0f} {tall}" '
        f'aria-hidden="true" font-family="{FONT}" font-size="11">',
        rect(0, 0, wide, tall, PLAIN),
        *_sections(roll, scale, tall),
        bar_lines(roll, 0, roll.end, scale, TOP, tall),
        *chord_labels(roll, 0, roll.end, scale, TOP - 6),
    ]
    at = TOP
    for number, (lane, height) in enumerate(zip(roll.lanes, heights(roll), strict=True)):
        shape: Frame = frame(lane)
        lines.append(f'<path d="M0 {at}.5H{wide:.0f}" stroke="{RULE}"/>')
        notes = notes_svg(lane, shape, 0, roll.end, scale)
        down = at + (height - shape.height) / 2
        lines.append(f'<g data-lane="{number}" transform="translate(0 {down:g})">{notes}</g>')
        at += height
    return "\n".join([*lines, "</svg>"]), scale


def _sections(roll: Roll, scale: float, tall: int) -> Iterator[str]:
    for section in roll.sections:
        x, wide = section.start * scale, section.length * scale
        yield rect(x, 0, wide, tall, GROUNDS.get(section.kind, PLAIN))
        yield f'<path d="M{x:.1f} 0V{tall}" stroke="{FAINT}"/>'
        yield text(x + 4, 14, shortened(section.title, wide - 6, 12), 'font-size="12" font-weight="bold"')
        if section.energy:
            high = section.energy * 1.4
            yield rect(x + 1, 25 - high, wide - 1, high, "#8b929c", 'fill-opacity=".7"')
