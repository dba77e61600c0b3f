"""Fit the players: how loud and how loose each drummer's take is, drum by drum, and how far a level swells.

What all drummers share is fitted by ``fit_feel``; songs differ because people do. Small counts are pulled towards
what the player's other drums and the other players' same drum say.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_LEVEL_PULL = 2.0  # hits' worth of pull of a sixteenth towards the player's drum
_DRUM_PULL = 4.0  # of a drum towards the player's loudness
_SPREAD_PULL = 40.0  # of a player's spread towards everybody's
_WINDOW = 64  # slots whose mean level makes a swell
_PARTS = 5  # levels of energy


class Strokes(NamedTuple):
    """One take's hits: row of the feel table, slot from the start, velocity, lateness in ms, less the usual one.

    touch: how each differs from like strokes nearby, NaN where there are none.
    """

    row: Ints
    slot: Ints
    velocity: Floats
    touch: Floats
    late: Floats


class Players(NamedTuple):
    """One row a player. level: velocity by drum and sixteenth, shape (players, rows, 16).

    span, loose: percents of the usual spread in velocity (players, rows) and in time (players,).
    lag: milliseconds behind the usual by drum, shape (players, rows).
    swell: by how much the quietest to the loudest fifth of a take's stretches differ from its mean, shape (5,).
    """

    level: Floats
    span: Floats
    loose: Floats
    lag: Floats
    swell: Floats


def fit_players(takes: list[Strokes], loud: Floats, late: Floats) -> Players:
    """Return the players of some takes. loud: mean deviation by row and sixteenth; late: spread by row, in ms."""
    rows = len(loud)
    usual = np.array([np.mean([take.velocity[take.row == r].mean() for take in takes if (take.row == r).any()] or [64])
                      for r in range(rows)])  # fmt: skip
    spread = np.sqrt([_mean([take.touch[take.row == r] ** 2 for take in takes], 100.0) for r in range(rows)])
    levels, spans, looses, lags, swells = [], [], [], [], []
    for take in takes:
        number = np.bincount(take.row, minlength=rows)
        own = float((take.velocity - usual[take.row]).mean())
        base = (np.bincount(take.row, take.velocity, rows) + _DRUM_PULL * (usual + own)) / (number + _DRUM_PULL)
        cell = take.row * 16 + take.slot % 16
        many = np.bincount(cell, minlength=rows * 16).reshape(rows, 16)
        total = np.bincount(cell, take.velocity, rows * 16).reshape(rows, 16)
        level = (total + _LEVEL_PULL * (base[:, None] + loud)) / (many + _LEVEL_PULL)
        known = np.isfinite(take.touch)
        squares = np.bincount(take.row[known], take.touch[known] ** 2, rows)
        counted = np.bincount(take.row[known], minlength=rows)
        span = np.sqrt((squares + _SPREAD_PULL * spread**2) / (counted + _SPREAD_PULL)) / spread
        apart = (take.late / late[take.row]) ** 2
        swells.append(_swells(take, level))
        levels.append(level)
        spans.append(100 * span)
        looses.append(100 * np.sqrt((apart.sum() + _SPREAD_PULL) / (len(apart) + _SPREAD_PULL)))
        lags.append(np.bincount(take.row, take.late, rows) / (number + _DRUM_PULL))
    at = (np.arange(_PARTS) + 0.5) / _PARTS
    swell = np.quantile(np.concatenate(swells), at)
    return Players(np.array(levels), np.array(spans), np.array(looses), np.array(lags), swell)


def _swells(take: Strokes, level: Floats) -> Floats:
    """Return the mean deviation of every stretch of a take that holds some strokes."""
    apart = take.velocity - level[take.row, take.slot % 16]
    stretch = take.slot // _WINDOW
    number = np.bincount(stretch)
    full = number >= _WINDOW // 4
    return np.asarray(np.bincount(stretch, apart)[full] / number[full])


def _mean(parts: list[Floats], otherwise: float) -> float:
    values = np.concatenate(parts)
    values = values[np.isfinite(values)]
    return float(values.mean()) if len(values) >= 20 else otherwise
