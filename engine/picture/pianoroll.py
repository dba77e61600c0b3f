"""The piano roll: a lane for each part, over sections, energy and chords, in as many rows as the song needs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from engine.picture.roll import LENGTH, LOUD, PITCH, START, Ints, Lane, Roll
from engine.picture.svg import FAINT, GROUNDS, INK, PLAIN, RULE, document, rect, shortened, text, width_of
from engine.theory.gm import DRUMS

WIDTH, GUTTER, MARGIN = 1600, 108, 10
_TITLE = 34
_NARROWEST = 28.0  # points a bar, below which a song goes on in another row
_HEAD, _ENERGY, _CHORDS = 18, 14, 17
_APART = 8
_BEATS_SEEN = 130.0  # points a bar
_NEAR = 9  # bar lines up to which a song is seen from near
_SMALL = 10
_OPACITY = (0.42, 0.66, 0.85, 1.0)
# Drum sounds of one kind share a row; from the top.
_DRUM_ROWS = (
    ("crash", (49, 57, 52, 55)), ("ride", (51, 53, 59)), ("hi-hat", (42, 44, 46)), ("tom", (48, 50)),
    ("tom 2", (45, 47)), ("floor", (41, 43)), ("snare", (38, 40, 37, 39)), ("kick", (35, 36)),
)  # fmt: skip
_DRUM_ROW = {number: name for name, numbers in _DRUM_ROWS for number in numbers}
_NAMES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")


class Frame(NamedTuple):
    """How tall a lane is drawn: what stands at which height from its top, and how thick a note is."""

    height: int
    step: float
    top: int  # pitch of the highest line
    rows: tuple[str, ...]  # names of rows, drums only


def roll_svg(roll: Roll) -> str:
    """Return the piano roll as SVG text, 1,600 wide; a long song goes on in rows below, broken between sections."""
    rows = broken(roll)
    scale = (WIDTH - GUTTER - MARGIN) / max(last - first for first, last in rows)
    near = len(roll.bars) <= _NEAR
    frames = [frame(lane, near) for lane in roll.lanes]
    tall = row_height(roll, frames)
    lines = [
        text(MARGIN, 22, roll.title, 'font-size="16" font-weight="bold"'),
        text(MARGIN + width_of(roll.title, 18) + 16, 22, roll.about, f'fill="{FAINT}" font-size="12"'),
    ]
    for number, (first, last) in enumerate(rows):
        at = _TITLE + number * (tall + 14)
        lines += [f'<g transform="translate({GUTTER} {at})">', *_row(roll, frames, first, last, scale), "</g>"]
    height = _TITLE + len(rows) * (tall + 14)
    return document(WIDTH, height, f"Piano roll of {roll.title}", roll.about, lines)


def broken(roll: Roll) -> list[tuple[int, int]]:
    """Return the rows as (first, last moment): whole sections as far as they go, of nearly equal length."""
    bars = len(roll.bars) - 1
    most = int((WIDTH - GUTTER - MARGIN) / _NARROWEST)
    if bars <= most:
        return [(0, roll.end)]
    aim = -(-bars // -(-bars // most))
    index = {at: number for number, at in enumerate(roll.bars)}
    starts = sorted({index[section.start] for section in roll.sections if section.start in index})
    cuts = [0]
    while bars - cuts[-1] > most:
        reach = [at for at in starts if cuts[-1] + aim // 2 <= at <= cuts[-1] + most]
        cuts.append(min(reach, key=lambda at: abs(at - cuts[-1] - aim)) if reach else cuts[-1] + aim)
    return [(roll.bars[a], roll.bars[b]) for a, b in zip(cuts, [*cuts[1:], bars], strict=True)]


def frame(lane: Lane, near: bool = False) -> Frame:
    """Return how tall a lane is drawn, for all rows alike; ``near``: with room for the name of every pitch."""
    if lane.drums:
        used = {int(pitch) for pitch in np.unique(lane.notes[:, PITCH])}
        known = [name for name, numbers in _DRUM_ROWS if used & set(numbers)]
        others = sorted((DRUMS.get(pitch, f"drum {pitch}") for pitch in used - set(_DRUM_ROW)), reverse=True)
        rows = (*known, *others) or ("drums",)
        return Frame(9 * len(rows) + _APART, 9, 0, rows)
    pitches = lane.notes[:, PITCH]
    low, high = (int(pitches.min()), int(pitches.max())) if len(pitches) else (60, 60)
    spare = max(11 - (high - low), 0)
    low, high = low - spare // 2, high + (spare + 1) // 2
    step = 9.0 if near else min(max(112 / (high - low + 1), 3.2), 5.0)
    return Frame(round(step * (high - low + 1)) + _APART, step, high, ())


def row_height(roll: Roll, frames: list[Frame]) -> int:
    """Return the height of a row, heads and lanes."""
    return _top(roll) + sum(each.height for each in frames)


def _top(roll: Roll) -> int:
    energy = any(section.energy for section in roll.sections)
    return (_HEAD if roll.sections else 0) + energy * _ENERGY + (_CHORDS if roll.chords else 0)


def _row(roll: Roll, frames: list[Frame], first: int, last: int, scale: float) -> Iterator[str]:
    height, top = row_height(roll, frames), _top(roll)
    wide = (last - first) * scale
    yield rect(0, 0, wide, height, PLAIN)
    yield from _sections(roll, first, last, scale, height)
    yield bar_lines(roll, first, last, scale, top, height)
    if roll.chords:
        yield from chord_labels(roll, first, last, scale, top - 5)
    at = top
    for lane, shape in zip(roll.lanes, frames, strict=True):
        yield f'<path d="M{-GUTTER + MARGIN} {at}H{wide:.1f}" stroke="{RULE}"/>'
        yield from _names(lane, shape, at)
        yield f'<g transform="translate(0 {at})">{notes_svg(lane, shape, first, last, scale)}</g>'
        at += shape.height


def _sections(roll: Roll, first: int, last: int, scale: float, height: int) -> Iterator[str]:
    told = any(section.energy for section in roll.sections)
    for section in roll.sections:
        begin, end = max(section.start, first), min(section.start + section.length, last)
        if begin >= end:
            continue
        x, wide = (begin - first) * scale, (end - begin) * scale
        yield rect(x, 0, wide, height, GROUNDS.get(section.kind, PLAIN))
        yield f'<path d="M{x:.1f} 0V{height}" stroke="{FAINT}"/>'
        name = section.title if begin == section.start else f"({section.title})"
        yield text(x + 4, 13, shortened(name, wide - 6, 12), 'font-size="12" font-weight="bold"')
        if section.energy:
            tall = (_ENERGY - 3) * section.energy / 5
            yield rect(x + 1, _HEAD + _ENERGY - 2 - tall, wide - 1, tall, "#8b929c")
    if told:
        yield text(-6, _HEAD + _ENERGY - 3, "energy", f'fill="{FAINT}" text-anchor="end" font-size="10"')


def bar_lines(roll: Roll, first: int, last: int, scale: float, top: int, height: int) -> str:
    """Return a line at each bar, and at each beat where there is room."""
    places = "".join(f"M{(at - first) * scale:.1f} {top}V{height}" for at in roll.bars if first < at < last)
    beats = ""
    if roll.steps % 4 == 0 and (last - first) * scale / (len(roll.bars) - 1) > _BEATS_SEEN:
        beats = "".join(
            f"M{(at + (after - at) * 4 * k / roll.steps - first) * scale:.1f} {top}V{height}"
            for at, after in pairwise(roll.bars)
            for k in range(1, roll.steps // 4)
        )
        beats = f'<path d="{beats}" stroke="{INK}" stroke-opacity=".1" stroke-dasharray="2 3"/>'
    return f'<path d="{places}" stroke="{INK}" stroke-opacity=".2"/>{beats}'


def chord_labels(roll: Roll, first: int, last: int, scale: float, y: int) -> Iterator[str]:
    """Yield the chords that fit, in order; one that would lie over the last is left out."""
    free = -1.0
    for label in roll.chords:
        if not first <= label.start < last:
            continue
        x = (label.start - first) * scale + 3
        wide = width_of(label.text, _SMALL)
        if x < free or x + wide > (last - first) * scale:
            continue
        yield text(x, y, label.text, f'font-size="{_SMALL}"')
        free = x + wide + 1


def _names(lane: Lane, shape: Frame, at: int) -> Iterator[str]:
    yield text(-GUTTER + MARGIN, at + 13, lane.title[:14], f'fill="{lane.colour}" font-weight="bold"')
    small = f'fill="{FAINT}" text-anchor="end" font-size="8"'
    if shape.rows:
        for number, name in enumerate(shape.rows):
            if number or width_of(lane.title) < GUTTER - 60:  # the first stands beside the lane's own name
                yield text(-4, at + _APART / 2 + (number + 0.5) * shape.step + 3, name[:10], small)
        return
    low = shape.top - round((shape.height - _APART) / shape.step) + 1
    near = shape.step > 8
    named = set(lane.notes[:, PITCH].tolist()) if near else range(0, 128, 12)
    for pitch in range(low, shape.top + 1):
        y = at + _APART / 2 + (shape.top - pitch + 0.5) * shape.step
        if pitch in named and (y > at + 18 or width_of(lane.title) < GUTTER - 60):
            yield text(-4, y + 3, f"{_NAMES[pitch % 12]}{pitch // 12 - 1}", small)
            yield f'<path d="M0 {y:.1f}h4" stroke="{FAINT}"/>'


def notes_svg(lane: Lane, shape: Frame, first: int, last: int, scale: float) -> str:
    """Return the notes of a lane between two moments: a path for each loudness, a stroke for each note."""
    notes = lane.notes
    notes = notes[(notes[:, START] + notes[:, LENGTH] > first) & (notes[:, START] < last)]
    # Tenths of a point in whole numbers: shorter to write, and quicker.
    x = np.rint((np.maximum(notes[:, START], first) - first) * scale * 10).astype(np.int64)
    end = np.rint((np.minimum(notes[:, START] + notes[:, LENGTH], last) - first) * scale * 10).astype(np.int64)
    wide = np.maximum(end - x - 6, 12)
    if lane.drums:
        wide = np.minimum(wide, 50)
    y = _heights(notes[:, PITCH], shape)
    thick = round(10 * shape.step * (0.72 if lane.drums else 0.86))
    paths = []
    for loud, opacity in enumerate(_OPACITY):
        chosen = notes[:, LOUD] == loud
        strokes = "".join(
            [f"M{a} {b}h{c}" for a, b, c in zip(*(each[chosen].tolist() for each in (x, y, wide)), strict=True)]
        )
        if strokes:
            paths.append(f'<path d="{strokes}" stroke-opacity="{opacity}"/>')
    return f'<g transform="scale(.1)" stroke="{lane.colour}" stroke-width="{thick}">{"".join(paths)}</g>'


def _heights(pitches: Ints, shape: Frame) -> Ints:
    if shape.rows:
        place = np.zeros(128, np.int64)
        for number in range(128):
            name = _DRUM_ROW.get(number, DRUMS.get(number, f"drum {number}"))
            place[number] = shape.rows.index(name) if name in shape.rows else 0
        rows = place[pitches]
    else:
        rows = shape.top - pitches
    return np.asarray(np.rint(10 * (_APART / 2 + (rows + 0.5) * shape.step)), np.int64)
