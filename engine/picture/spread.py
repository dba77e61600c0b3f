"""Distributions beside real ones: a box of quartiles for each measure, on one scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from engine.measure.report import Row, mean_overlap, share_inside
from engine.picture.svg import FAINT, INK, document, rect, text

WIDTH = 1100
_NAMES, _LEFT, _RIGHT = 250, 270, 800
_ROW, _HEAD, _TOP = 17, 26, 74
_FAR = 2.5  # widths of the real box from its median, where the scale ends
_REAL, _IN, _OUT = "#c9ced6", "#0064a6", "#c2410c"


def spread_svg(rows: Sequence[Row], title: str) -> str:
    """Return every measure's quartiles, real and ours, as SVG text; the unit is the width of the real box.

    Blue where our median lies in the real box, orange (and a ring in place of a dot) where it does not.
    """
    groups = [(name, list(found)) for name, found in groupby(rows, lambda row: row.group)]
    lines = [
        text(10, 22, title, 'font-size="16" font-weight="bold"'),
        text(
            10,
            40,
            f"{share_inside(rows):.0%} of our medians lie in the real quartiles; overlap {mean_overlap(rows):.0%}",
            f'fill="{FAINT}" font-size="12"',
        ),
        *_key(),
    ]
    y = _TOP
    for name, found in groups:
        lines.append(text(10, y + 17, name, 'font-weight="bold" font-size="12"'))
        y += _HEAD
        lines += _lines(y, y + _ROW * len(found))
        for row in found:
            lines += _row(row, y)
            y += _ROW
        y += 6
    return document(WIDTH, y + 10, title, f"{len(rows)} measures beside real songs", lines)


def _key() -> Iterator[str]:
    y = 58
    yield rect(_LEFT, y - 9, 30, 10, _REAL)
    yield text(_LEFT + 36, y, "real songs, middle half", 'font-size="10"')
    yield _box(_LEFT + 190, _LEFT + 220, _LEFT + 205, y - 4, True)
    yield text(_LEFT + 228, y, "ours, median inside", 'font-size="10"')
    yield _box(_LEFT + 360, _LEFT + 390, _LEFT + 375, y - 4, False)
    yield text(_LEFT + 398, y, "ours, median outside", 'font-size="10"')
    yield text(_RIGHT + 20, y, "real median", f'fill="{FAINT}" font-size="10"')
    yield text(_RIGHT + 130, y, "ours", f'fill="{FAINT}" font-size="10"')
    yield text(_RIGHT + 210, y, "songs", f'fill="{FAINT}" font-size="10"')


def _lines(top: int, bottom: int) -> Iterator[str]:
    middle = (_LEFT + _RIGHT) / 2
    yield f'<path d="M{middle} {top}V{bottom}" stroke="{INK}" stroke-opacity=".35"/>'


def _row(row: Row, y: int) -> Iterator[str]:
    real, ours = row.real, row.ours
    # A measure on which all real songs agree has a box of no width: ours are as far off as they are wide.
    unit = (real[2] - real[0]) or (ours[2] - ours[0]) or abs(ours[1] - real[1]) or 1.0

    def place(value: float) -> float:
        share = (value - real[1]) / unit / _FAR
        return (_LEFT + _RIGHT) / 2 + min(max(share, -1.0), 1.0) * (_RIGHT - _LEFT) / 2

    yield text(_NAMES, y + 12, row.measure.replace("_", " "), 'text-anchor="end"')
    yield rect(place(real[0]), y + 2, max(place(real[2]) - place(real[0]), 1.5), _ROW - 4, _REAL)
    yield _box(place(ours[0]), place(ours[2]), place(ours[1]), y + _ROW / 2, row.inside)
    yield text(_RIGHT + 20, y + 12, f"{real[1]:.3g}", f'fill="{FAINT}"')
    yield text(_RIGHT + 130, y + 12, f"{ours[1]:.3g}")
    yield text(_RIGHT + 210, y + 12, str(row.songs), f'fill="{FAINT}"')


def _box(low: float, high: float, middle: float, y: float, inside: bool) -> str:
    colour = _IN if inside else _OUT
    fill = colour if inside else "#fff"
    return (
        f'<path d="M{low:.1f} {y:.1f}H{high:.1f}" stroke="{colour}" stroke-width="4" stroke-opacity=".75"/>'
        f'<circle cx="{middle:.1f}" cy="{y:.1f}" r="4" fill="{fill}" stroke="{colour}" stroke-width="2"/>'
    )
