"""Long-term counts: what follows a context in the corpus, smoothed down to shorter contexts.

A chain of views, each the one before with one column more. The distribution after a context mixes what
was counted there with the distribution of the shorter context (interpolated absolute discounting, Ney,
Essen and Kneser 1994), down to the even distribution. Rows are costs, 256 to the bit.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.models.viewpoints import Columns, Ints, Space, View, find

TRUST = 8  # classes of trust a level: by the number of songs that know the context, doubling


class Level(NamedTuple):
    """The contexts of one length.

    keys: sorted, shape (contexts,). costs: of each class, shape (contexts, classes).
    trust: how many songs know the context, as a class 0 .. TRUST - 1, shape (contexts,).
    """

    keys: Ints
    costs: NDArray[np.int16]
    trust: NDArray[np.uint8]


class Backoff(NamedTuple):
    """Long-term counts over the prefixes of one view: ``levels[k]`` knows its first k columns."""

    view: View
    levels: tuple[Level, ...]

    @property
    def trusts(self) -> int:
        """How many classes of trust the rows have."""
        return len(self.levels) * TRUST

    def look(self, space: Space, columns: Columns, count: int) -> tuple[Ints, Ints]:
        """Return (costs, trust) at ``count`` places: shapes (count, events) and (count,).

        The row is that of the longest known context; trust tells its length and how many songs know it.
        """
        costs = np.broadcast_to(self.levels[0].costs[0], (count, self.levels[0].costs.shape[1])).astype(np.int64)
        trust = np.full(count, self.levels[0].trust[0], dtype=np.int64)
        open_rows = np.arange(count)
        for length, level in enumerate(self.levels[1:], 1):
            place = find(level.keys, space.keys(self.view.columns[:length], columns, count)[open_rows])
            known = place >= 0
            # A context no song knows has no longer one that any song knows.
            open_rows, place = open_rows[known], place[known]
            costs[open_rows] = level.costs[place]
            trust[open_rows] = length * TRUST + level.trust[place]
        return np.take_along_axis(costs, space.classes(self.view.target, columns, count), axis=1), trust
