"""Learns what likeness is worth: the tables of a Recall, by gradient descent on its own predictions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.models.recall import SIDE_SIZES, SIZES, Likeness, Recall, Small, agreements, classed, lags, spans
from engine.models.viewpoints import Columns, Ints, Space

Floats = NDArray[np.float32]

_CAP = 14.0  # as engine.models.recall.CEILING, in bits


def fit_recall(
    space: Space,
    likeness: Likeness,
    columns: Columns,
    events: Ints,
    songs: Ints,
    base: Floats,
    epochs: int = 6,
    rate: float = 0.1,
    pull: float = 1.0,
) -> Recall:
    """Return a Recall whose tables are fitted to songs.

    columns, events, songs: each (places,), side information, events, the number of the song in order.
    base: what the long-term model, fitted to other songs, says: costs in bits, (places, choices).
    """
    sides = [columns[name] for name in likeness.columns]
    seen = classed(space, likeness, columns, events, np.maximum(np.rint(np.exp2(16 - base)), 1).astype(np.int64))
    events, choices = seen.happened, seen.base.shape[1]
    right = (seen.base[np.arange(len(events)), events] / seen.base.sum(axis=1)).astype(np.float32)
    sizes = [*SIZES, *(SIDE_SIZES * len(sides))]
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    start = np.zeros(offsets[-1], dtype=np.float64)
    # To begin with: agreement of the last events doubles the weight, of those further back less.
    start[:16] = -6 + np.arange(16)[:, None].__and__(1 << np.arange(4)).astype(bool) @ np.array([3, 2, 1.5, 1])
    start[16:32] = np.arange(16)[:, None].__and__(1 << np.arange(4)).astype(bool) @ np.array([0.8, 0.7, 0.6, 0.5])
    weights, mean = start.copy(), start * 0
    first, second, step = start * 0, start * 0, 0
    whole = [(a, b) for a, b in spans(songs) if b - a > likeness.period]
    # Short songs are taken together until some hundred places carry a step.
    stops = [number for number, total in enumerate(_parcels(whole)) if total]
    steps = epochs * max(len(stops), 1)
    averaged = 0
    kinds = [list(agreements(events[a:b], [side[a:b] for side in sides], likeness, choices)) for a, b in whole]
    for epoch in range(epochs):
        slope, taken = start * 0, 0
        for number, (a, b) in enumerate(whole):
            slope += _slope(likeness, weights, offsets, events[a:b], kinds[number], right[a:b])
            taken += b - a
            if number not in stops and number != len(whole) - 1:
                continue
            slope = slope / taken + pull / len(events) * (weights - start)
            step += 1
            first = 0.9 * first + 0.1 * slope
            second = 0.999 * second + 0.001 * slope * slope
            pace = rate * max(1 - step / (steps + 1), 0.01) * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
            weights = weights - pace * first / (np.sqrt(second) + 1e-8)
            slope, taken = start * 0, 0
            if epoch == epochs - 1:
                averaged += 1
                mean += (weights - mean) / averaged
    found = np.rint(np.clip((mean if averaged else weights) * 256, -32000, 32000)).astype(np.int64)
    tables = tuple(found[a:b] for a, b in pairwise(offsets.tolist()))
    return Recall(likeness, tables)


def _parcels(spans: list[tuple[int, int]]) -> list[bool]:
    found, total = [], 0
    for a, b in spans:
        total += b - a
        found.append(total >= 300)
        total = 0 if total >= 300 else total
    return found


def _slope(
    likeness: Likeness, weights: NDArray[np.float64], offsets: Ints, events: Ints, kinds: Sequence[Small], right: Floats
) -> NDArray[np.float64]:
    count = len(events)
    worth = np.zeros(kinds[0].shape, dtype=np.float32)
    for kind, offset in zip(kinds, offsets, strict=False):
        worth += weights[offset:].astype(np.float32)[kind]
    back = lags(count, likeness)
    place = np.arange(count)[:, None]
    mass = np.exp2(np.minimum(worth, _CAP))
    mass[back > place] = 0
    hit = events[np.maximum(place - back, 0)] == events[:, None]
    total, found = mass.sum(axis=1), (mass * hit).sum(axis=1)
    pull = mass * (1 / (total + 1)[:, None] - hit / (found + right)[:, None])
    pull[worth > _CAP] = 0
    slope = np.zeros(len(weights))
    flat = pull.ravel()
    for kind, offset, end in zip(kinds, offsets, offsets[1:], strict=False):
        slope[offset:end] = np.bincount(kind.ravel(), flat, minlength=int(end - offset))[: int(end - offset)]
    return slope
