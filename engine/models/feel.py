"""The fitted feel: how human drummers deviate in loudness and time, by instrument and place in the bar."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.models.tables import load

Ints = NDArray[np.int64]


class FeelTable(NamedTuple):
    """The tables of trained/STYLE/feel.npz.

    rows: names of instruments, "ghost" for soft snare strokes. loud, pace: mean deviation by row and
    sixteenth, shape (rows, 16), in tenths of a velocity step and of a millisecond. touch, late:
    quantiles of what is left, shape (rows, quantiles), same units. together: percent of the variance of
    lateness that strokes of one moment share.

    Drummers, one a row: players: velocity by row and sixteenth, shape (players, rows, 16). span, loose: percent of
    the quantiles of touch (players, rows) and of late (players,). lag: tenths of a millisecond by row (players,
    rows). swell: tenths of a velocity step for each level of energy, 1 .. 5.
    """

    rows: tuple[str, ...]
    loud: Ints
    pace: Ints
    touch: Ints
    late: Ints
    together: int
    players: Ints
    span: Ints
    loose: Ints
    lag: Ints
    swell: Ints


def load_feel(models: str | Path) -> FeelTable:
    """Return the feel of a set of fitted tables; raises ModelError."""
    return _load(str(models))


@lru_cache(maxsize=8)
def _load(models: str) -> FeelTable:
    table = load(models, "feel")
    a = {name: data.astype(np.int64) for name, data in table.arrays.items()}
    return FeelTable(
        tuple(table.header["rows"]), a["loud"], a["pace"], a["touch"], a["late"], int(a["together"][0]),
        a["players"], a["span"], a["loose"], a["lag"], a["swell"],
    )  # fmt: skip
