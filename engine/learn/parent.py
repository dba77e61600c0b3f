"""The models of the style that a learnt one extends: what new songs are sorted by, and what fills their gaps.

Classes that were found by clustering when the parent was fitted (palettes, kinds of groove, states of bars) are
not found again: a song belongs to the class whose tables expect it most.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.models.mixture import Mixture
from engine.models.tables import Table, load
from engine.models.viewpoints import Ints
from engine.train.bass_lines import WINDOW, Line
from engine.train.corpora.freedoom import BAR
from engine.train.drum_bars import Bars, features
from engine.train.drum_songs import pattern
from engine.train.fit_guitar import CLUSTERS, Strum
from engine.train.sung_notes import Sung

MIXTURES = ("pitch", "rhythm", "bass_rhythm", "bass_pitch", "feet", "hands")
DENSE = ("guitar", "lead", "lengths")
SONGS = ("manner", "drums", "bass")
_FILLS, _CRASHES = 0.08, 0.12  # usual shares of bars that are fills, or start with a crash


class Parent(NamedTuple):
    """The fitted tables of a style, by name, and its mixtures."""

    tables: dict[str, Table]
    mixtures: dict[str, Mixture]

    def level(self, mixture: str, first: str, length: int) -> tuple[Ints, Ints]:
        """Return (keys, costs) of a view of a mixture, found by its first column, with ``length`` columns."""
        own = self.mixtures[mixture]
        chain = next(chain for chain in own.chains if chain.view.columns[0] == first)
        level = chain.levels[length]
        return level.keys, level.costs.astype(np.int64)

    def palette(self, notes: list[Sung]) -> int:
        """Return the class of a song's scale degrees."""
        keys, costs = self.level("pitch", "palette", 1)
        counts = np.bincount([note.degree for note in notes], minlength=12)
        return int(keys[np.argmin(costs @ counts)])

    def gait(self, notes: list[Sung]) -> int:
        """Return the class of a song's intervals."""
        keys, costs = self.level("pitch", "gait", 1)
        steps = np.clip(np.diff([note.pitch for note in notes]), -12, 12) + 12
        return int(keys[np.argmin(costs @ np.bincount(steps, minlength=costs.shape[1]))])

    def groove(self, bars: Bars) -> int:
        """Return the kind of a song's kick and snare pattern."""
        centres = self.tables["drums"].arrays["patterns"].astype(np.int64)
        apart = ((centres - np.rint(100 * pattern(bars)).astype(np.int64)) ** 2).sum(axis=1)
        return int(np.argmin(apart))

    def bar_states(self, bars: Bars) -> Ints:
        """Return the state of every bar: the one whose usual bar is nearest."""
        profile = self.tables["drums"].arrays["profile"].astype(np.int64)
        own = np.rint(100 * features(bars)).astype(np.int64)
        apart: Ints = ((own[:, None, :] - profile[None]) ** 2).sum(axis=2).argmin(axis=1)
        return apart

    def hand_columns(self) -> Ints:
        """Return the column of every hand code in the mixture of hands; the last is for rare ones."""
        symbols = self.tables["drums"].arrays["symbols"].astype(np.int64)
        found = np.full(40, len(symbols))
        found[symbols] = np.arange(len(symbols))
        return found

    def bass_line(self, line: Line) -> Line:
        """Return a bass line that knows the state of each window of eight bars."""
        keys, costs = self.level("bass_rhythm", "cluster", 2)
        table = np.full((keys.max() // BAR + 1, BAR, 2), 256, dtype=np.int64)
        table[keys // BAR, keys % BAR] = costs
        windows, which = np.unique(line.bars // WINDOW, return_inverse=True)
        by_bar = table[:, np.arange(BAR), line.onset.reshape(-1, BAR)].sum(axis=2)  # (states, bars)
        total = np.zeros((len(table), len(windows)), dtype=np.int64)
        np.add.at(total.T, which, by_bar.T)
        state = total.argmin(axis=0)[which].repeat(BAR)
        slots, notes = {**line.slots, "cluster": state}, {**line.notes, "cluster": state[line.onset == 1]}
        return line._replace(slots=slots, notes=notes)

    def strum(self, line: Strum) -> Strum:
        """Return a rhythm guitar that knows the cluster of each bar."""
        free = self.tables["guitar"].arrays["free"].astype(np.int64)
        cost = np.stack([free[line.position, k, line.drum, line.past, line.onset] for k in range(CLUSTERS)])
        best: Ints = cost.reshape(CLUSTERS, -1, BAR).sum(axis=2).argmin(axis=0)
        return line._replace(cluster=best.repeat(BAR))

    @property
    def usual(self) -> tuple[float, float]:
        """The usual shares of bars that are fills, and that start with a crash."""
        return _FILLS, _CRASHES


@lru_cache(maxsize=2)
def parent(models: str) -> Parent:
    """Return the models of a style; raises ModelError."""
    names = ("form", "harmony", "phrases", "novelty", *MIXTURES, *DENSE, *SONGS)
    tables = {name: load(models, name) for name in names}
    return Parent(tables, {name: Mixture.of(tables[name]) for name in MIXTURES})


def chances(costs: NDArray[Any]) -> NDArray[np.float64]:
    """Return the probabilities that costs stand for, rows that sum to 1 (last axis)."""
    found = np.exp2(-costs.astype(np.float64) / 256)
    return np.asarray(found / found.sum(axis=-1, keepdims=True))
