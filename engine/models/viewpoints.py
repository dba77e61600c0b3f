"""Viewpoints: what a model looks at before an event, and what it says about it.

Everything a prediction may rest on is a *column*: one whole number an event, known before the event (the
last event, the one 16 slots ago, the chord in force, the place in the bar). A *view* names the columns
that make up its context and a *target*: the class of the event that it predicts, which may depend on a
column (the interval from the last note, the place above the chord's root) or leave things out (the
pitch class, the kick alone). A view is right for every event of its class alike, and the mixture of
views settles the rest.

Source: Conklin and Witten, Multiple viewpoint systems for music prediction (1995).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Columns = Mapping[str, Ints]

_MOST = (1 << 63) - 1


class Target(NamedTuple):
    """The class of an event, given the value of one column.

    column: the column it depends on; "" for none.
    table: the class of each event, shape (values of the column or 1, events).
    """

    column: str
    table: Ints

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return int(self.table.max()) + 1


class View(NamedTuple):
    """The columns of a context, most telling first, and the name of the target."""

    columns: tuple[str, ...]
    target: str = "event"


class Space(NamedTuple):
    """The events, the columns and the targets of a model.

    events: how many events there are. sizes: how many values each column has.
    targets: by name; "event" is always the event itself.
    """

    events: int
    sizes: Mapping[str, int]
    targets: Mapping[str, Target] = {}

    def target(self, name: str) -> Target:
        """Return a target by name."""
        return self.targets[name] if name in self.targets else Target("", np.arange(self.events)[None])

    def classes(self, name: str, columns: Columns, count: int) -> Ints:
        """Return the class of every event before each of ``count`` places, shape (count, events)."""
        target = self.target(name)
        where = columns[target.column] if target.column else np.zeros(count, dtype=np.int64)
        return target.table[where]

    def keys(self, names: tuple[str, ...], columns: Columns, count: int) -> Ints:
        """Return one whole number a place for the values of the named columns, the first weighing most.

        So ``key // sizes[last]`` is the key of the view without its last column.
        Raises OverflowError when the columns together have more values than 63 bits hold.
        """
        found = np.zeros(count, dtype=np.int64)
        span = 1
        for name in names:
            size = self.sizes[name]
            span *= size
            if span > _MOST:
                raise OverflowError(f"the columns {' '.join(names)} make more than 2**63 contexts")
            found = found * size + columns[name]
        return found


def find(keys: Ints, wanted: Ints) -> Ints:
    """Return where each wanted key stands in the sorted ``keys``, -1 where it does not."""
    if not len(keys):
        return np.full(len(wanted), -1, dtype=np.int64)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, place, -1)
