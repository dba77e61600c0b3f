"""Stretches of some four or eight bars: where the song turns, and which of them are alike.

Bars are compared in six ways (their tune, its rhythm, chords, harmony, drums, who plays). A logistic regression
tells from novelty (Foote 2000), from rests of the tune and from where repetitions begin whether a stretch begins at
a bar; with the counted lengths of stretches the best division is found by dynamic programming; another regression
tells whether two stretches share their material. Both are fitted by ``engine.train.fit_stretches``.
"""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.learn.raw import Ints
from engine.models.tables import Table

Floats = NDArray[np.floating[Any]]  # single precision is enough for likeness

LOOKS = ("tune", "rhythm", "chords", "harmony", "drums", "players")
LONGEST = 16
_REACHES = (2, 4, 8)
BOUNDARY_FEATURES = len(LOOKS) * (len(_REACHES) + 1) + 6
ALIKE_FEATURES = len(LOOKS) + 3
SCALE = 1000
_MARKED = 1e6


class Stretch(NamedTuple):
    """Bars ``first`` to ``first + bars`` of material ``label`` (0, 1, ... by first appearance)."""

    first: int
    bars: int
    label: int


class StretchModel:
    """The fitted weights: ``boundary`` and ``alike`` (with their constants last), ``lengths`` log chances of
    1..LONGEST bars."""

    def __init__(self, table: Table) -> None:
        arrays = {name: array / SCALE for name, array in table.arrays.items()}
        self.boundary, self.alike, self.lengths = arrays["boundary"], arrays["alike"], arrays["lengths"]


def similarities(looks: Floats) -> Floats:
    """Return how alike bars are in each look, 0..1, shape (looks, bars, bars).

    looks: one table a look of shape (bars, features), padded to one width: (looks, bars, width). Silent bars are
    alike to each other alone.
    """
    looks = looks.astype(np.float32)
    norm = np.sqrt((looks * looks).sum(axis=2))
    silent = norm < 1e-9
    unit = looks / np.maximum(norm, 1e-9)[:, :, None]
    alike: Floats = unit @ unit.transpose(0, 2, 1) + (silent[:, :, None] & silent[:, None, :])
    return alike


def boundary_features(alike: Floats, sung: Floats, late: Floats) -> Floats:
    """Return the features of every bar as the first of a stretch, shape (bars, BOUNDARY_FEATURES).

    alike: of ``similarities``. sung: notes of the tune in each bar; late: those in its second half.
    """
    bars = alike.shape[1]
    columns = _novelty(alike)
    before = np.arange(bars) - 1
    columns += [1 - alike[look, before, np.arange(bars)] for look in range(len(alike))]
    whole = alike[[0, 2, 3]].mean(axis=0)
    columns += _stripes(whole)
    usual = max(1.0, float(sung.mean()))
    columns += [np.append(0, sung[:-1]) / usual, np.append(0, late[:-1]) / usual, sung / usual]
    table: Floats = np.stack(columns, axis=1)
    return table


def alike_features(runs: Floats, spans: Ints) -> Floats:
    """Return the features of every two stretches as the same material, shape (stretches, stretches, ALIKE_FEATURES).

    runs: sums along diagonals of every look, of ``diagonals``. spans: (first bar, bars) of every stretch.
    """
    first, bars = spans.T
    shared, longer = np.minimum.outer(bars, bars), np.maximum.outer(bars, bars)
    a, b = first[:, None], first[None, :]
    mean = (runs[:, a + shared, b + shared] - runs[:, a, b]) / shared
    return np.stack([*mean, mean[0] * mean[2], 1 - shared / longer, np.ones(shared.shape)], axis=-1)


def diagonals(alike: Floats) -> Floats:
    """Return sums along diagonals: entry (k, i, j) is alike[k, i-1, j-1] + alike[k, i-2, j-2] + ..."""
    looks, bars, _ = alike.shape
    runs = np.zeros((looks, bars + 1, bars + 1), alike.dtype)
    for row in range(bars):
        runs[:, row + 1, 1:] = runs[:, row, :-1] + alike[:, row]
    return runs


def divide(
    alike: Floats, sung: Floats, late: Floats, model: StretchModel, marked: tuple[int, ...] = ()
) -> tuple[Stretch, ...]:
    """Return the stretches of a song; one begins at every marked bar."""
    bars = alike.shape[1]
    scores = boundary_features(alike, sung, late) @ model.boundary[:-1] + model.boundary[-1]
    best = np.full(bars + 1, -1e18)
    came = np.zeros(bars + 1, np.int64)
    best[0] = 0
    lengths = np.arange(1, LONGEST + 1)
    scores[0] = 0
    scores[list(marked)] = _MARKED
    for end in range(1, bars + 1):
        steps = lengths[: min(LONGEST, end)]
        reached = best[end - steps] + model.lengths[: len(steps)] + scores[end - steps]
        pick = int(reached.argmax())
        best[end], came[end] = reached[pick], steps[pick]
    cuts = [bars]
    while cuts[-1] > 0:
        cuts.append(cuts[-1] - int(came[cuts[-1]]))
    return label(alike, cuts[::-1], model)


def label(alike: Floats, cuts: list[int], model: StretchModel) -> tuple[Stretch, ...]:
    """Return the stretches between bar lines, labelled by average linkage: each joins the group it is most like."""
    spans = [(first, after - first) for first, after in itertools.pairwise(cuts)]
    votes = (alike_features(diagonals(alike), np.array(spans)) @ model.alike).tolist()
    groups: list[list[int]] = []
    labels: list[int] = []
    for number in range(len(spans)):
        best, found = 0.0, -1
        for group, members in enumerate(groups):
            recent = members[-4:]
            vote = sum(votes[member][number] for member in recent) / len(recent)
            if vote > best:
                best, found = vote, group
        if found < 0:
            groups.append([])
            found = len(groups) - 1
        groups[found].append(number)
        labels.append(found)
    return tuple(Stretch(first, bars, name) for (first, bars), name in zip(spans, labels, strict=True))


def _novelty(alike: Floats) -> list[Floats]:
    # Foote's checkerboard: both sides alike in themselves and unlike each other, for each reach, look and bar.
    bars = alike.shape[1]
    margin = max(_REACHES)
    edge = np.clip(np.arange(-margin, bars + margin), 0, bars - 1)
    size = len(edge)
    sums = np.zeros((len(alike), size + 1, size + 1), np.float32)
    np.cumsum(alike[:, edge][:, :, edge], axis=1, out=sums[:, 1:, 1:])
    np.cumsum(sums[:, 1:, 1:], axis=2, out=sums[:, 1:, 1:])
    at = np.arange(bars) + margin
    found: list[Floats] = []
    for reach in _REACHES:

        def block(row: Ints, column: Ints, reach: int = reach) -> Floats:
            end, across = row + reach, column + reach
            total: Floats = sums[:, end, across] - sums[:, row, across] - sums[:, end, column] + sums[:, row, column]
            return total / reach**2

        found += list(0.5 * (block(at - reach, at - reach) + block(at, at)) - block(at - reach, at))
    return found


def _stripes(whole: Floats) -> list[Floats]:
    # Four bars from a bar on that come again, where those from the bar before do not; how well they come again; and how
    # well the four before it do.
    bars = len(whole)
    if bars < 9:
        return [np.zeros(bars)] * 3
    four = np.zeros((bars + 1, bars + 1))
    count = bars - 3
    for step in range(4):
        four[:count, :count] += whole[step : step + count, step : step + count] / 4
    apart = np.abs(_apart(bars)) >= 4
    runs = np.where(apart, four[:bars, :bars], 0)
    before = np.zeros((bars, bars))
    before[1:, 1:] = whole[:-1, :-1]
    begins = (runs - np.where(apart, before, 0)).max(axis=1)
    again = runs.max(axis=1)
    ended = np.zeros(bars)
    ended[4:] = again[:-4]
    return [begins, again, ended]


@lru_cache(maxsize=64)
def _apart(bars: int) -> Ints:
    return np.arange(bars)[:, None] - np.arange(bars)[None, :]
