"""Fits hidden states of an event or a bar each: expectation and maximisation by hmmlearn.

An observation is what one state sees: an event, or all events of a bar. Its likelihood in a state is a product over
places, so hmmlearn does the forward and backward passes and only the emissions are ours.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hmmlearn.base import BaseHMM
from numpy.typing import NDArray

from engine.chain.costs import TOP, row
from engine.models.hidden import Cycle, Hidden, places
from engine.models.viewpoints import Columns, Ints, Space

Floats = NDArray[np.float64]

_ROUNDS = 16
_LEAN = 2.0  # events, spread as all states' are, that a state has seen at each place before it begins


class _Cycles(BaseHMM):  # type: ignore[misc]
    """hmmlearn's model of observations that are several events: each a code, place * classes + class, or -1."""

    emit_: Floats  # (states, codes and a last column of ones)

    def __init__(self, states: int, places: int, classes: int) -> None:
        super().__init__(
            states, startprob_prior=1.5, transmat_prior=1.2, n_iter=_ROUNDS, tol=1e-3, random_state=0,
            params="stm", init_params="st", implementation="scaling",
        )  # fmt: skip
        self.places, self.classes = places, classes

    def _init(self, cycles: Ints, lengths: Any = None) -> None:
        super()._init(cycles, lengths)
        self.transmat_ = 0.5 * np.eye(self.n_components) + 0.5 / self.n_components
        mean = self._counts(cycles, np.ones((len(cycles), 1))) + 0.5
        self.mean_ = mean / mean.sum(axis=2, keepdims=True)
        # Every state begins as a few of the cycles and a little of the rest.
        share = np.random.RandomState(0).dirichlet(np.full(self.n_components, 0.3), len(cycles))
        self._emit(self._counts(cycles, share))

    def _get_n_fit_scalars_per_param(self) -> dict[str, int]:
        return {"s": 0, "t": 0, "m": 0}  # all smoothed, so none is free

    def _counts(self, cycles: Ints, share: Floats) -> Floats:
        states, codes = share.shape[1], self.places * self.classes
        found = np.zeros(states * codes)
        for column in cycles.T:
            known = column >= 0
            flat = column[known, None] + np.arange(states) * codes
            found += np.bincount(flat.ravel(), share[known].ravel(), minlength=len(found))
        return found.reshape(states, self.places, self.classes)

    def _emit(self, counts: Floats) -> None:
        counts = counts + _LEAN * self.mean_
        rows = (counts / counts.sum(axis=2, keepdims=True)).reshape(len(counts), -1)
        self.emit_ = np.concatenate([rows, np.ones((len(rows), 1))], axis=1)

    def _compute_likelihood(self, cycles: Ints) -> Floats:
        found: Floats = self.emit_[:, cycles].prod(axis=2).T
        return found

    def _compute_log_likelihood(self, cycles: Ints) -> Floats:
        found: Floats = np.log(self._compute_likelihood(cycles))
        return found

    def _initialize_sufficient_statistics(self) -> dict[str, Any]:
        return {**super()._initialize_sufficient_statistics(), "cycles": [], "posteriors": []}

    def _accumulate_sufficient_statistics(
        self, stats: dict[str, Any], cycles: Ints, lattice: Floats, posteriors: Floats, fwd: Floats, bwd: Floats
    ) -> None:
        super()._accumulate_sufficient_statistics(stats, cycles, lattice, posteriors, fwd, bwd)
        stats["cycles"].append(cycles)
        stats["posteriors"].append(posteriors)

    def _do_mstep(self, stats: dict[str, Any]) -> None:
        super()._do_mstep(stats)
        self._emit(self._counts(np.concatenate(stats["cycles"]), np.concatenate(stats["posteriors"])))


def fit_hidden(space: Space, cycle: Cycle, columns: Columns, events: Ints, songs: Ints) -> Hidden:
    """Return hidden states fitted to songs, the same every time; songs: the number of the song of each, in order."""
    count = len(events)
    classes = space.target(cycle.target).classes
    happened = space.classes(cycle.target, columns, count)[np.arange(count), events]
    place, new = places(cycle, columns, songs)
    each = space.sizes[cycle.place] if cycle.place else 1
    number = np.cumsum(new) - 1
    cycles = np.full((number[-1] + 1, each if cycle.bar else 1), -1, dtype=np.int64)
    cycles[number, place if cycle.bar else 0] = place * classes + happened
    model = _Cycles(cycle.states, each, classes)
    model.fit(cycles, np.bincount(np.unique(songs, return_inverse=True)[1][new]))
    emit = model.emit_[:, :-1].reshape(cycle.states, each, classes).transpose(1, 0, 2)
    return Hidden(cycle, _rows(model.startprob_), _rows(model.transmat_), _rows(emit))


def _rows(chances: Floats) -> Ints:
    return row(np.rint(chances * TOP * 16).astype(np.int64) + 1)
