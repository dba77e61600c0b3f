"""Interpolated Kneser-Ney smoothing: the baseline that every prediction is measured against.

Source: Kneser and Ney, Improved backing-off for m-gram language modeling (1995), interpolated as by Chen and
Goodman (1999): the longest contexts are counted as they are, shorter ones by how many different events precede.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.models.viewpoints import Columns, Ints, find

Rows = NDArray[np.float64]


def kneser_ney(
    names: Sequence[str],
    sizes: dict[str, int],
    columns: Columns,
    events: Ints,
    wanted: Columns,
    choices: int,
) -> Rows:
    """Return probabilities at the places of ``wanted``, shape (places, choices).

    names: the columns of the context, the nearest first; ``sizes`` tells how many values each has. columns, events: the
    training places.
    """
    places = len(next(iter(wanted.values())))
    chance = np.full((places, choices), 1 / choices)
    for length in range(len(names) + 1):
        types, counts = _types(names, sizes, columns, events, choices, length)
        once, twice = int((counts == 1).sum()), int((counts == 2).sum())
        discount = once / (once + 2 * twice) if once else 0.5
        keys, inverse = np.unique(types // choices, return_inverse=True)
        total = np.bincount(inverse, weights=counts)
        spare = discount * np.bincount(inverse) / total
        kept = np.zeros((len(keys), choices))
        kept[inverse, types % choices] = np.maximum(counts - discount, 0)
        place = find(keys, _keys(names[:length], sizes, wanted, places))
        known = place >= 0
        at = place[known]
        chance[known] = kept[at] / total[at, None] + spare[at, None] * chance[known]
    return chance


def _types(
    names: Sequence[str], sizes: dict[str, int], columns: Columns, events: Ints, choices: int, length: int
) -> tuple[Ints, Ints]:
    # Context and event as one number, and how often it came; below the top, in how many longer contexts.
    if length == len(names):
        return np.unique(_keys(names, sizes, columns, len(events)) * choices + events, return_counts=True)
    longer = np.unique(_keys(names[: length + 1], sizes, columns, len(events)) * choices + events)
    shorter = longer // choices // sizes[names[length]] * choices + longer % choices
    return np.unique(shorter, return_counts=True)


def _keys(names: Sequence[str], sizes: dict[str, int], columns: Columns, count: int) -> Ints:
    found = np.zeros(count, dtype=np.int64)
    for name in names:
        found = found * sizes[name] + columns[name]
    return found
