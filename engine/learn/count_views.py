"""Counting the views of a mixture over many songs at once, as ``train.fit_mixture`` counts them.

A context that a song holds n times counts n ** power. Counts are kept in 256ths, as whole numbers, so that they add up
to the same in any order.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from engine.learn.counts import Counts
from engine.learn.raw import Ints
from engine.models.mixture import Mixture
from engine.models.viewpoints import Columns

ONE = 256
_POWERS = {"feet": 0.7, "hands": 0.7}
_POWER = 0.85


def count_views(counts: Counts, name: str, mixture: Mixture, columns: Columns, events: Ints, songs: Ints) -> None:
    """Add the events of some songs to the tables of every view of a mixture.

    columns, events, songs: of every event, as ``fit_mixture.fit`` takes them. Table "NAME/view/length" has keys context
    * classes + class, table "NAME/view/length/songs" the number of songs that know a context.
    """
    space, count = mixture.space, len(events)
    powers = _powers(_POWERS.get(name, _POWER))
    for number, chain in enumerate(mixture.chains):
        view = chain.view
        width = space.target(view.target).classes
        happened = space.classes(view.target, columns, count)[np.arange(count), events]
        context = space.keys(view.columns, columns, count)
        span = int(np.prod([space.sizes[column] for column in view.columns], dtype=np.int64))
        keys, many = np.unique((songs * span + context) * width + happened, return_counts=True)
        for length in range(len(view.columns), -1, -1):
            if length < len(view.columns):
                size = space.sizes[view.columns[length]]
                wide, cls = np.divmod(keys, width)
                keys, many = _added(wide // size * width + cls, many)
                span //= size
            owned, inside = np.divmod(keys, span * width)
            counts.add(f"{name}/{number}/{length}", inside, powers[np.minimum(many, len(powers) - 1)])
            known = np.unique(owned * span + inside // width)
            counts.add(f"{name}/{number}/{length}/songs", known % span)


@lru_cache(maxsize=4)
def _powers(power: float) -> Ints:
    found: Ints = np.rint(ONE * np.arange(8192) ** power).astype(np.int64)
    return found


def _added(keys: Ints, values: Ints) -> tuple[Ints, Ints]:
    order = np.argsort(keys, kind="stable")
    keys, values = keys[order], values[order]
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    return keys[first], np.add.reduceat(values, first)
