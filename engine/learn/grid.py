"""Notes on a grid of beats: the file's own where notes keep to it, else one found by tracking the beat.

A file's ticks are believed when onsets gather at sixteenths or triplets of its quarter, measured by the length of the
mean phase vector (Fisher, Statistical Analysis of Circular Data, 1993); the whole grid may be shifted, as in
recordings that were made to a click. Swing is taken out: score is not performance.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.learn.raw import LENGTH, PITCH, START, VELOCITY, Ints, Raw, Unheard
from engine.learn.track_beats import track_beats
from engine.theory.meter import QUARTER

# Columns of a table of laid notes; the first four are those of a raw one.
TRACK, OFF = 4, 5

_KEPT = 0.35  # length of the mean phase vector from which a grid is believed
_MIN_ONSETS = 24  # of fewer notes no grid can be told
_NEAR = 0.06  # of a quarter
_SWINGS = (0.53, 0.7)  # later ones are dotted notes
_TRIPLET = 0.02  # squared error, in sixteenths of a beat, by which triplets must fit better
_DEFAULT_TEMPO = 500_000

Floats = NDArray[np.float64]


class Laid(NamedTuple):
    """All notes of a file on one grid, 480 to the quarter, before bars are known.

    notes: (n, 6) of start, length, pitch, velocity, track, and how far from the grid it was played (480ths).
    tracked: the beats were found in the notes, the file's own were not believed. error: root mean square of what the
    grid takes away, seconds. swing: percent of the pair's time on its first note, swing_unit its slots (2: eighths).
    triplets: percent of beats divided in three. compound: every beat is, and was made a dotted quarter.
    tempo: quarters a minute. anchors: (tick, 480ths) pairs that tell the grid's place of any tick, shape (n, 2).
    """

    notes: Ints
    tracked: bool
    error: float
    swing: int
    swing_unit: int
    triplets: int
    compound: bool
    tempo: float
    anchors: Floats

    def place(self, tick: float) -> float:
        """Return the 480ths of a quarter at which a tick of the file lies."""
        return float(_along(np.array([tick], float), self.anchors)[0])


def lay(raw: Raw) -> Laid:
    """Return the notes of a sound file on a grid; raises Unheard when there is no beat in them."""
    rows = np.concatenate([track.notes for track in raw.tracks])
    owner = np.repeat(np.arange(len(raw.tracks)), [len(track.notes) for track in raw.tracks])
    onsets = rows[:, START] / raw.resolution
    seconds = clock(raw)
    tracked, shift = False, 0.0
    if raw.scored or len(onsets) < _MIN_ONSETS:
        anchors = np.array([[0.0, 0.0], [raw.resolution, QUARTER]])
    else:
        shift, kept = _shift(onsets)
        anchors = np.array([[shift * raw.resolution, 0.0], [(shift + 1) * raw.resolution, QUARTER]])
        if kept < _KEPT:
            beats = track_beats(seconds(rows[:, START]), rows[:, PITCH], rows[:, VELOCITY])
            if beats is None:
                raise Unheard("has no beat that its notes keep to")
            tracked = True
            anchors = _climbing(seconds.back(beats))
    place = _along(rows[:, START], anchors)
    after = _along(rows[:, START] + rows[:, LENGTH], anchors)
    swing, unit = (50, 2) if raw.scored else _swing(place / QUARTER)
    straight, straight_after = (_unswing(at, swing, unit) for at in (place, after))
    grid, triplets = _quantise(straight)
    compound = swing == 50 and triplets >= 60 and _ternary(straight)
    off = np.round(place - grid).astype(np.int64) if swing == 50 else np.round(straight - grid).astype(np.int64)
    scale = 1.5 if compound else 1.0
    notes = np.empty((len(rows), 6), np.int64)
    notes[:, START] = np.round(grid * scale)
    notes[:, LENGTH] = np.maximum(1, np.round((straight_after - straight) * scale))
    notes[:, PITCH : VELOCITY + 1] = rows[:, PITCH : VELOCITY + 1]
    notes[:, TRACK], notes[:, OFF] = owner, off
    order = np.lexsort((notes[:, PITCH], notes[:, TRACK], notes[:, START]))
    first, last = float(rows[:, START].min()), float((rows[:, START]).max())
    lasting = float(np.diff(seconds(np.array([first, last])))[0])
    quarters = float(place.max() - place.min()) * scale / QUARTER
    tempo = 60 * quarters / lasting if lasting > 0 and quarters > 0 else 6e7 / _DEFAULT_TEMPO
    error = float(np.sqrt(np.mean(off.astype(float) ** 2))) / QUARTER * scale * 60 / tempo
    anchors = anchors * (1.0, scale)
    return Laid(notes[order], tracked, error, swing, unit, triplets, compound, tempo, anchors)


class clock:
    """Seconds of ticks under a file's tempi; ``back`` is the way back."""

    def __init__(self, raw: Raw) -> None:
        tempos = list(raw.tempos)
        if not tempos or tempos[0][0] > 0:
            tempos.insert(0, (0, tempos[0][1] if tempos else _DEFAULT_TEMPO))
        ticks = np.array([at for at, _ in tempos], float)
        pace = np.array([micros for _, micros in tempos], float) / 1e6 / raw.resolution
        # One more point far out, so that interpolation covers every tick.
        far = ticks[-1] + 1e9
        self._ticks = np.append(ticks, far)
        self._seconds = np.concatenate([[0.0], np.cumsum(np.diff(self._ticks) * pace)])

    def __call__(self, ticks: NDArray[np.generic]) -> Floats:
        """Return the seconds at ticks."""
        seconds: Floats = np.interp(ticks.astype(float), self._ticks, self._seconds)
        return seconds

    def back(self, seconds: Floats) -> Floats:
        """Return the ticks at seconds."""
        ticks: Floats = np.interp(seconds, self._seconds, self._ticks)
        return ticks


def _shift(onsets: Floats) -> tuple[float, float]:
    # How far the grid lies behind the file's (quarters, less than half a slot), and how well notes keep to it.
    vectors = {parts: np.exp(2j * np.pi * parts * onsets).mean() for parts in (3, 4, 12)}
    kept = max(abs(vectors[3]), abs(vectors[4]), abs(vectors[12]))
    phase = onsets - np.round(onsets)
    near = phase[np.abs(phase) < _NEAR]
    # Where the beats themselves are where the file says, finer parts (which may swing) have no say.
    if len(near) > 2.5 * 2 * _NEAR * len(onsets):
        return float(np.median(near)), max(float(kept), _KEPT)
    best = max((3, 4), key=lambda parts: abs(vectors[parts]))
    return float(np.angle(vectors[best]) / (2 * np.pi * best)), float(kept)


def _climbing(ticks: Floats) -> Floats:
    # Anchors of tracked beats, none on the tick of another.
    ticks = ticks[np.append(True, np.diff(ticks) > 0.5)]
    return np.column_stack([ticks, QUARTER * np.arange(len(ticks))])


def _along(ticks: NDArray[np.generic], anchors: Floats) -> Floats:
    # Linear between anchors and beyond them.
    at = ticks.astype(float)
    if len(anchors) == 2:
        (x, y), (x2, y2) = anchors
        line: Floats = y + (at - x) * ((y2 - y) / (x2 - x))
        return line
    inside: Floats = np.interp(at, anchors[:, 0], anchors[:, 1])
    for (x, y), (x2, y2), outside in (
        (anchors[0], anchors[1], at < anchors[0, 0]),
        (anchors[-1], anchors[-2], at > anchors[-1, 0]),
    ):
        inside = np.where(outside, y + (at - x) * ((y2 - y) / (x2 - x)), inside)
    return inside


def _swing(quarters: Floats) -> tuple[int, int]:
    # Percent and unit: pairs of eighths, else of sixteenths, whose second note gathers late and nowhere else.
    for unit, parts in ((2, 1), (1, 2)):
        phase = (quarters * parts) % 1
        late = phase[(phase > 0.4) & (phase < 0.8)]
        if len(late) < max(_MIN_ONSETS, 0.05 * len(phase)):
            continue
        middle = float(np.median(late))
        gathered = np.abs(late - middle) < 0.04
        early = np.abs(phase - (1 - middle)) < 0.04  # a first triplet is no swing
        even = np.abs(phase - 0.5) < 0.025
        if (
            _SWINGS[0] < middle < _SWINGS[1]
            and gathered.mean() > 0.6
            and early.sum() < 0.35 * gathered.sum()
            and (middle < 0.565 or even.sum() < 0.35 * gathered.sum())
            and (unit == 2 or abs(middle - 0.5) > 0.04)
        ):
            return round(100 * middle), unit
    return 50, 2


def _unswing(place: Floats, swing: int, unit: int) -> Floats:
    if swing == 50:
        return place
    span = unit * QUARTER / 2
    cell, inside = np.divmod(place, span)
    turn = span * swing / 100
    first = inside < turn
    even = np.where(first, inside * 0.5 * span / turn, span / 2 + (inside - turn) * 0.5 * span / (span - turn))
    straight: Floats = cell * span + even
    return straight


def file_ticks(ticks: Ints, anchors: Floats, swing: int, unit: int) -> Ints:
    """Return the file's ticks of ticks on the straight grid, the way back from ``lay``; fractions are rounded.

    anchors: (tick of the file, tick) pairs, the first on the beat that swing is counted from.
    """
    first = float(anchors[0, 1])
    place = ticks - first
    if swing != 50:
        span = unit * QUARTER / 2
        cell, inside = np.divmod(place, span)
        turn, half = span * swing / 100, span / 2
        late = np.where(inside < half, inside * turn / half, turn + (inside - half) * (span - turn) / half)
        place = cell * span + late
    return np.rint(_along(place + first, anchors[:, ::-1])).astype(np.int64)


def _quantise(place: Floats) -> tuple[Floats, int]:
    # Each beat takes sixteenths or triplets, whichever lies nearer; also tells the percent of beats in triplets.
    slots = np.round(place / 120)
    thirds = np.round(place / 160)
    worse = (place / 120 - slots) ** 2 - (place / 120 - thirds * 4 / 3) ** 2
    beat = np.floor((place + 40) / QUARTER).astype(np.int64)
    beat -= beat.min()
    gain = np.bincount(beat, worse)
    ternary = gain > _TRIPLET
    divided = np.bincount(beat, (np.abs(place - np.round(place / QUARTER) * QUARTER) > 60)) > 0
    share = round(100 * float((ternary & divided).sum()) / max(1, int(divided.sum())))
    return np.where(ternary[beat], thirds * 160, slots * 120), share


def _ternary(place: Floats) -> bool:
    # Whether both thirds of the beat are struck, and hardly its half.
    phase = (place / QUARTER) % 1
    first, second, half = ((np.abs(phase - at) < 0.06).sum() for at in (1 / 3, 2 / 3, 1 / 2))
    return bool(min(first, second) > 0.3 * max(first, second) and half < 0.3 * max(first, second))
