"""Fit the feel: how loud and how early or late human drummers play, by instrument and place in the bar.

From Groove MIDI, straight 4/4 beats. What all drummers share is counted as deviation: loudness from the take's
mean of an instrument, time from the take's own pulse (a mean over two bars). What differs from stroke to stroke
is measured against like strokes nearby, since a drummer's level swells. What sets one drummer apart from
another is in ``train.players``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.models.tables import Table, header
from engine.train.backoff import bigram_bits, bits, count, smooth
from engine.train.base import DATE, Fitted, Score, Tell, held_out
from engine.train.corpora import gmd
from engine.train.corpora.gmd import LATE, PAD, SLOT_OF, VELOCITY, Take
from engine.train.drum_bars import GHOST_BELOW
from engine.train.players import Strokes, fit_players

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

GENRES = ("rock", "punk", "pop", "soul", "country")
ROWS = (*gmd.INSTRUMENTS, "ghost")  # a soft snare stroke is another thing than a snare
GHOST_ROW = len(gmd.INSTRUMENTS)
QUANTILES = 64
_DRIFT = 16  # slots on either side that make the take's own pulse
_FAR = 55  # ticks: nearer to the next sixteenth than to this one, or nearly
_SHRINK = 60.0  # hits' worth of pull towards no deviation
_BIN = 8  # velocities in a bin, for the score
_WHOLE = 8  # bars of a take that shows how its player plays


class _Hits(NamedTuple):
    """Hits of all takes: row in ROWS, slot of the bar, deviations in velocity and in milliseconds, take and slot.

    loud: from the take's mean. touch: from like strokes nearby, NaN where there are none.
    """

    row: Ints
    slot: Ints
    loud: Floats
    touch: Floats
    late: Floats
    place: Ints


def fit(data: Path, tell: Tell) -> Fitted:
    """Return the table "feel" and the score of its loudness."""
    tell("feel: reading Groove MIDI")
    takes = [t for t in gmd.read(data, GENRES) if not t.triplet and not t.fill and t.bars >= 4]
    scores = (_measure(takes),)
    for score in scores:
        tell(f"feel: {score.model}: {score.bits:.3f} bits a {score.unit} (bigram {score.bigram:.3f})")
    return Fitted({"feel": _table(takes)}, scores)


def _rows(take: Take) -> Ints:
    pads = take.hits[:, PAD]
    return np.where((pads == gmd.SNARE) & (take.hits[:, VELOCITY] < GHOST_BELOW), GHOST_ROW, pads)


def _hits(takes: list[Take]) -> _Hits:
    parts = []
    for number, take in enumerate(takes):
        slots, row, velocity = take.hits[:, SLOT_OF], _rows(take), take.hits[:, VELOCITY].astype(np.float64)
        ticks = take.hits[:, LATE] - _pulse(slots, take.hits[:, LATE])
        level = np.bincount(row, velocity, len(ROWS)) / np.maximum(np.bincount(row, minlength=len(ROWS)), 1)
        keep = np.abs(take.hits[:, LATE] - take.late) < _FAR
        place = number * 10**6 + slots
        loud, touch, late = velocity - level[row], _touch(slots, row, velocity), ticks * 125 / take.tempo
        parts.append((row[keep], slots[keep] % 16, loud[keep], touch[keep], late[keep], place[keep]))
    return _Hits(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _strokes(hits: _Hits, take: Take, number: int, late: Floats) -> Strokes:
    of = hits.place // 10**6 == number
    kept = hits.place[of] % 10**6
    # The loudness of a stroke is its take's mean of the instrument and what ``loud`` says; both are known here.
    row, velocity = _rows(take), take.hits[:, VELOCITY].astype(np.float64)
    level = np.bincount(row, velocity, len(ROWS)) / np.maximum(np.bincount(row, minlength=len(ROWS)), 1)
    return Strokes(hits.row[of], kept, level[hits.row[of]] + hits.loud[of], hits.touch[of], late[of])


def _pulse(slots: Ints, late: Ints) -> Floats:
    """Return the mean lateness of the hits within ``_DRIFT`` slots of each hit."""
    sums = np.concatenate([[0], np.cumsum(late)])
    first = np.searchsorted(slots, slots - _DRIFT, side="left")
    last = np.searchsorted(slots, slots + _DRIFT, side="right")
    return np.asarray((sums[last] - sums[first]) / (last - first))


def _touch(slots: Ints, row: Ints, velocity: Floats) -> Floats:
    """Return how a stroke differs from those of its instrument and its sixteenth of the beat within a bar of it.

    The mean of n strokes, itself one of them, moves with it: n / (n - 1) under the root makes up for that.
    """
    found = np.full(len(slots), np.nan)
    for kind in np.unique(row * 4 + slots % 4):
        of = np.flatnonzero(row * 4 + slots % 4 == kind)
        sums = np.concatenate([[0], np.cumsum(velocity[of])])
        first = np.searchsorted(slots[of], slots[of] - _DRIFT, side="left")
        last = np.searchsorted(slots[of], slots[of] + _DRIFT, side="right")
        number = last - first
        enough = number >= 4
        apart = velocity[of] - (sums[last] - sums[first]) / number
        found[of[enough]] = (apart * np.sqrt(number / np.maximum(number - 1, 1)))[enough]
    return found


def _means(hits: _Hits, values: Floats) -> Floats:
    """Return the mean by row and slot, pulled towards the row's own mean where hits are few."""
    cell = hits.row * 16 + hits.slot
    number = np.bincount(cell, minlength=len(ROWS) * 16).reshape(-1, 16)
    total = np.bincount(cell, values, len(ROWS) * 16).reshape(-1, 16)
    whole = total.sum(axis=1, keepdims=True) / (number.sum(axis=1, keepdims=True) + _SHRINK)
    return np.asarray((total + _SHRINK * whole) / (number + _SHRINK))


def _quantiles(rows: Ints, values: Floats) -> Ints:
    """Return QUANTILES tenths of each row's values, evenly spread over their order."""
    at = (np.arange(QUANTILES) + 0.5) / QUANTILES
    found = [
        np.quantile(values[rows == r], at) if (rows == r).sum() >= 50 else np.quantile(values, at)
        for r in range(len(ROWS))
    ]
    return np.asarray(np.rint(10 * np.array(found)), dtype=np.int64)


def _table(takes: list[Take]) -> Table:
    hits = _hits(takes)
    loud, pace = _means(hits, hits.loud), _means(hits, hits.late)
    near = np.isfinite(hits.touch)
    late = hits.late - pace[hits.row, hits.slot]
    together = _together(hits.place, late)
    own = [number for number, take in enumerate(takes) if take.bars >= _WHOLE]
    spread = np.array([late[hits.row == r].std() if (hits.row == r).any() else late.std() for r in range(len(ROWS))])
    players = fit_players([_strokes(hits, takes[number], number, late) for number in own], loud, spread)
    about = (
        "loud (tenths of a velocity step) and pace (tenths of a millisecond) by instrument and sixteenth; touch and "
        "late: quantiles of what is left; together: percent of the variance of lateness that strokes at once share; "
        "players, lag, span, loose: each drummer's own levels, delays and spreads; swell: levels from quiet to loud"
    )
    arrays: dict[str, NDArray[Any]] = {
        "loud": np.rint(10 * loud).astype(np.int16),
        "pace": np.rint(10 * pace).astype(np.int16),
        "touch": _quantiles(hits.row[near], hits.touch[near]).astype(np.int16),
        "late": _quantiles(hits.row, late).astype(np.int16),
        "together": np.array([round(100 * together)], dtype=np.int16),
        "players": np.rint(players.level).astype(np.int8),
        "span": np.rint(players.span).astype(np.int16),
        "loose": np.rint(players.loose).astype(np.int16),
        "lag": np.rint(10 * players.lag).astype(np.int16),
        "swell": np.rint(10 * players.swell).astype(np.int16),
    }
    facts = header(
        corpus=gmd.CORPUS, licence=gmd.LICENCE, command="hookline train rock", date=DATE, about=about, rows=list(ROWS)
    )
    return Table(dict(facts), arrays)


def _together(place: Ints, late: Floats) -> float:
    """Return the correlation of lateness of two strokes of one moment."""
    _, which, number = np.unique(place, return_inverse=True, return_counts=True)
    pair = number == 2
    total, squares = np.bincount(which, late)[pair], np.bincount(which, late**2)[pair]
    return float((total**2 - squares).mean() / squares.mean())


def _measure(takes: list[Take]) -> Score:
    """Return the bits a stroke of binned velocity given instrument and place, against the stroke before."""

    def lines(wanted: list[Take]) -> list[Ints]:
        return [t.hits[:, VELOCITY] // _BIN for t in wanted]

    def contexts(wanted: list[Take]) -> list[Ints]:
        return [np.concatenate([_rows(t) for t in wanted]), np.concatenate([t.hits[:, SLOT_OF] % 16 for t in wanted])]

    train, test = [t for t in takes if not held_out(t.name)], [t for t in takes if held_out(t.name)]
    size = 128 // _BIN
    table = smooth(count(contexts(train), np.concatenate(lines(train)), (len(ROWS), 16, size)))
    seen = np.concatenate(lines(test))
    where = contexts(test)
    return Score(
        "loudness",
        "stroke",
        len(seen),
        bits(table[where[0], where[1], seen]),
        bigram_bits(lines(train), lines(test), size),
    )
