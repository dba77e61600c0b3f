"""The self-similarity matrix: how alike any two bars are, all players heard (Foote, ACM Multimedia 1999)."""

from __future__ import annotations

from base64 import b64encode

import numpy as np
from numpy.typing import NDArray

from engine.picture.png import dots
from engine.picture.roll import LENGTH, PITCH, START, Lane, Roll
from engine.picture.svg import FAINT, document, rect, shortened, text

SIZE, LEFT, TOP = 800, 92, 64
# From a pale ground to a dark blue: lightness alone tells, so colours need not be told apart.
_DARK, _PALE = np.array([8, 40, 90]), np.array([247, 249, 252])


def similarity(roll: Roll) -> NDArray[np.float64]:
    """Return how alike each two bars are, 0..1, shape (bars, bars): the mean of the lanes that play in either."""
    bars = len(roll.bars) - 1
    total, heard = np.zeros((bars, bars)), np.zeros((bars, bars))
    for lane in roll.lanes:
        rows = _bars(lane, roll)
        length = np.linalg.norm(rows, axis=1)
        unit = rows / np.maximum(length, 1e-9)[:, None]
        plays = length > 0
        total += unit @ unit.T
        heard += plays[:, None] | plays[None, :]
    # Bars in which nobody plays are alike.
    return np.where(heard > 0, np.clip(total / np.maximum(heard, 1), 0, 1), 1.0)


def _bars(lane: Lane, roll: Roll) -> NDArray[np.float32]:
    """Return each bar of a lane as a row: what sounds (drums: starts) on each sixteenth, by pitch class (drum)."""
    classes = 128 if lane.drums else 12
    edges = np.array(roll.bars)
    grid = np.zeros((len(edges) - 1, roll.steps, classes), np.float32)
    start = lane.notes[:, START]
    end = start + (1 if lane.drums else lane.notes[:, LENGTH])
    first, last = _steps(edges, start, roll.steps), np.maximum(_steps(edges, end, roll.steps), 0)
    flat = grid.reshape(-1, classes)
    for a, b, pitch in zip(first.tolist(), last.tolist(), (lane.notes[:, PITCH] % classes).tolist(), strict=True):
        flat[a : max(b, a + 1), pitch] = 1
    return grid.reshape(len(grid), -1)


def _steps(edges: NDArray[np.int64], at: NDArray[np.int64], steps: int) -> NDArray[np.int64]:
    """Return the nearest step of the song to each moment, ``steps`` to every bar."""
    bar = np.clip(np.searchsorted(edges, at, side="right") - 1, 0, len(edges) - 2)
    inside = (at - edges[bar]) / (edges[bar + 1] - edges[bar])
    return np.asarray(np.maximum(bar * steps + np.rint(inside * steps), 0), np.int64)


def similarity_svg(roll: Roll) -> str:
    """Return the matrix as SVG text, with the song's sections along both sides."""
    shade = similarity(roll)[:, :, None]
    picture = dots(np.rint(_PALE + (_DARK - _PALE) * shade).astype(np.uint8))
    lines = [
        text(10, 22, f"{roll.title}: how alike its bars are", 'font-size="16" font-weight="bold"'),
        text(10, 40, roll.about, f'fill="{FAINT}" font-size="12"'),
        f'<image x="{LEFT}" y="{TOP}" width="{SIZE}" height="{SIZE}" preserveAspectRatio="none" '
        f'style="image-rendering:pixelated" href="data:image/png;base64,{b64encode(picture).decode()}"/>',
    ]
    scale = SIZE / roll.end
    free = -1.0
    for section in roll.sections:
        at, long = section.start * scale, section.length * scale
        lines.append(
            f'<path d="M{LEFT - 4} {TOP + at:.1f}h{SIZE + 4}M{LEFT + at:.1f} {TOP - 4}v{SIZE + 4}" '
            'stroke="#c2410c" stroke-opacity=".55" stroke-width=".8"/>'
        )
        lines.append(text(LEFT + at + 2, TOP - 6, shortened(section.title, long - 2, 10), 'font-size="10"'))
        if at >= free:
            lines.append(text(LEFT - 7, TOP + at + 10, section.title[:14], 'font-size="10" text-anchor="end"'))
            free = at + 12
    y = TOP + SIZE + 18
    lines.append(text(LEFT, y + 10, "different", 'font-size="10"'))
    for step in range(20):
        colour = np.rint(_PALE + (_DARK - _PALE) * (step + 0.5) / 20).astype(int).tolist()
        lines.append(rect(LEFT + 60 + 10 * step, y, 10, 12, f"rgb({colour[0]},{colour[1]},{colour[2]})"))
    lines.append(text(LEFT + 266, y + 10, "the same", 'font-size="10"'))
    return document(LEFT + SIZE + 16, y + 24, f"Self-similarity of {roll.title}", roll.about, lines)
