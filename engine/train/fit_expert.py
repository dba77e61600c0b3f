"""Fits what foretells a song by its hidden causes, and tells what it says of songs it has not seen."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.models.hidden import Cycle, Expert, Syntax
from engine.models.viewpoints import Columns, Ints, Space
from engine.train.fit_hidden import fit_hidden
from engine.train.fit_syntax import Songs

Known = NDArray[np.bool_]

FOLDS = 3


def fit_expert(
    space: Space, cause: Cycle | Syntax, columns: Columns, events: Ints, songs: Ints
) -> tuple[Expert, Ints, Ints]:
    """Return the expert fitted to all songs, and the costs and trust of each song by one fitted to others.

    Shapes (places, events) and (places,); songs: the number of the song of each event, in order.
    """
    fit = _fitter(space, cause, columns, events, songs)
    costs = np.zeros((len(events), space.events), dtype=np.int64)
    trust = np.zeros(len(events), dtype=np.int64)
    for fold in range(FOLDS):
        here = songs % FOLDS == fold
        if here.any() and not here.all():
            wanted = {name: values[here] for name, values in columns.items()}
            costs[here], trust[here] = fit(~here).look(space, wanted, events[here], songs[here])
    return fit(np.ones(len(events), dtype=bool)), costs, trust


def _fitter(
    space: Space, cause: Cycle | Syntax, columns: Columns, events: Ints, songs: Ints
) -> Callable[[Known], Expert]:
    if isinstance(cause, Syntax):
        packed = Songs(cause, events, songs)
        return lambda known: packed.fit(frozenset(songs[~known].tolist()))

    def fit(known: Known) -> Expert:
        seen = {name: values[known] for name, values in columns.items()}
        return fit_hidden(space, cause, seen, events[known], songs[known])

    return fit
