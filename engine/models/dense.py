"""A mixture made ready for the sampler: every context a row, every question an index.

A sampler asks for the weights of a few events after every state at every place at once. Columns may be
given with the axes they really vary on (places, states), in any shapes that broadcast: an expert that
looks at the chord alone is then asked once a place and not once a state. The rows are those of
``Mixture.rows``, to the last unit.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import lru_cache
from math import prod
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.chain.costs import NEVER, TOP, row, weights
from engine.errors import ModelError
from engine.models.memory import Codes, Memory
from engine.models.mixture import Mixture
from engine.models.viewpoints import Columns, Ints, Space, View

Whole = TypeVar("Whole", bound=np.integer[Any])

MOST = 1 << 18  # contexts of one expert; more do not belong in a sampler


class _Expert(NamedTuple):
    """A long-term chain: for every context the costs of all classes and the trust in them."""

    view: View
    costs: Ints
    trust: Ints


class Dense:
    """A mixture over some of its events, with the memories of the song so far.

    events: the events that are open, shape (n,). Raises ModelError for experts with too many contexts.
    """

    def __init__(self, mixture: Mixture) -> None:
        self._mixture = mixture
        self._experts = tuple(
            _Expert(chain.view, *_every(mixture, number)) for number, chain in enumerate(mixture.chains)
        )

    def rows(self, columns: Columns, events: Ints, memories: Sequence[Memory] = ()) -> Ints:
        """Return weights of the events at all places, rows of 65,536, shape (*the columns' shape, n)."""
        return weigh(self.long(columns, events) + self.short(columns, events, memories))

    def long(self, columns: Columns, events: Ints, experts: Sequence[int] | None = None) -> Ints:
        """Return what the experts on the corpus (all, or those numbered) say: costs, shapes as of ``rows``."""
        space, selectors = self._mixture.space, self._mixture.design.selectors
        kinds = _kinds(columns)
        total: Ints = np.zeros(1, dtype=np.int64)
        for number in range(len(self._experts)) if experts is None else experts:
            view, costs, trust = self._experts[number]
            few, back = _distinct(space, view, selectors, columns, kinds)
            key = _key(space, view, few)
            weight = trust.take(key)
            for name, select in zip(selectors, self._mixture.select, strict=True):
                weight = weight + select[few[name], number]
            found = _ask(costs, key, _classes(space, view, few, events)) * weight[..., None] >> 8
            total = total + (found if back is None else found[back])
        return total

    def short(
        self, columns: Columns, events: Ints, memories: Sequence[Memory], chosen: Sequence[int] | None = None
    ) -> Ints:
        """Return what the memories (all, or those numbered) say: costs, shapes as of ``rows``."""
        space = self._mixture.space
        kinds = _kinds(columns) if memories else {}
        total: Ints = np.zeros(1, dtype=np.int64)
        for number in range(len(memories)) if chosen is None else chosen if memories else ():
            worth, memory = self._mixture.worth[number], memories[number]
            few, back = _distinct(space, memory.view, (), columns, kinds)
            key = _key(space, memory.view, few)
            found = worth.take(_ask(_codes(space, memory), key, _classes(space, memory.view, few, events)))
            total = total + (found if back is None else found[back])
        return total


def weigh(costs: Ints) -> Ints:
    """Return rows of 65,536 (last axis) from costs, which may be of any sign: as ``costs.row`` would, faster."""
    count = costs.shape[-1]
    flat = costs.reshape(-1, count)
    # Short rows: by the place of the least and by products with ones, for to reduce them one by one takes longer.
    first = np.arange(0, flat.size, count)
    deep = flat - flat.take(first + flat.argmin(axis=1))[:, None]
    if deep.size and deep.max() >= NEVER:
        return row(weights(deep)).reshape(costs.shape)
    found = weights(deep)
    one = _ones(count)
    # The least cost weighs TOP, so a sum lies between TOP and 2**30, and a share x TOP / sum is whole or at least
    # 2**-30 below the next. An inverse of 62 places, rounded up, adds less than that: the whole parts are exact.
    found *= -((-1 << 62) // found.dot(one))[:, None]
    found >>= 62 - 16
    np.maximum(found, 1, out=found)
    most = first + found.argmax(axis=1)
    found.put(most, found.take(most) + (TOP - found.dot(one)))
    return found.reshape(costs.shape)


def weigh_two(costs: Ints) -> Ints:
    """Return what ``weigh`` returns where there are two events, faster: their difference says all."""
    return _TWO.take(costs[..., 1] - costs[..., 0] + _FAR, axis=0, mode="clip")


@lru_cache(maxsize=64)
def _ones(count: int) -> Ints:
    return np.ones(count, dtype=np.int64)


_FAR = 18 << 8  # a difference of 18 bits is as good as any larger one
_TWO = weigh(np.stack([np.zeros(2 * _FAR + 1, dtype=np.int64), np.arange(-_FAR, _FAR + 1)], axis=1))


def _kinds(columns: Columns) -> dict[str, Sequence[Hashable]]:
    """Return for each column what it is at each place (first axis); nothing if it is the same everywhere."""
    axes = max(np.ndim(values) for values in columns.values())
    return {name: _kind(values) if np.ndim(values) == axes else () for name, values in columns.items()}


def _kind(values: Ints) -> Sequence[Hashable]:
    if len(values) == 1:
        return ()
    if values.size == len(values):
        found: list[int] = values.ravel().tolist()
        return found
    return [part.tobytes() for part in values]


def _distinct(
    space: Space, view: View, more: Sequence[str], columns: Columns, kinds: Mapping[str, Sequence[Hashable]]
) -> tuple[Columns, list[int] | None]:
    """Return the columns of a view at the places that differ for it, and where each place finds its own.

    Many places are alike to one expert (four chords, three positions in a phrase), so it is asked only once for each.
    """
    target = space.target(view.target).column
    names = [*view.columns, *more, *([target] if target else [])]
    varying = [kinds[name] for name in names if kinds[name]]
    if not varying:
        return columns, None
    first: dict[tuple[Hashable, ...], int] = {}
    chosen: list[int] = []
    back: list[int] = []
    for place, what in enumerate(zip(*varying, strict=True)):
        if what not in first:
            first[what] = len(chosen)
            chosen.append(place)
        back.append(first[what])
    if len(chosen) == len(back):
        return columns, None
    return {name: columns[name][chosen] if kinds[name] else columns[name] for name in names}, back


def _every(mixture: Mixture, number: int) -> tuple[Ints, Ints]:
    chain, space = mixture.chains[number], mixture.space
    sizes = [space.sizes[name] for name in chain.view.columns]
    count = prod(sizes)
    if count > MOST:
        raise ModelError(f"the expert on {' '.join(chain.view.columns)} has {count:,} contexts, more than {MOST:,}")
    grid = np.unravel_index(np.arange(count), sizes) if sizes else ()
    columns = {name: axis.astype(np.int64) for name, axis in zip(chain.view.columns, grid, strict=True)}
    # Asked for classes instead of events, each context answers once for all values of the target's column.
    bare = chain._replace(view=View(chain.view.columns))
    costs, trust = bare.look(Space(space.target(chain.view.target).classes, space.sizes), columns, count)
    return np.ascontiguousarray(costs), mixture.trust[number][trust]


def _key(space: Space, view: View, columns: Columns) -> Ints:
    key: Ints = np.zeros(1, dtype=np.int64)
    for name in view.columns:
        key = key * space.sizes[name] + columns[name]
    return key


def _ask(table: NDArray[Whole], key: Ints, classes: Ints) -> NDArray[Whole]:
    """Return ``table[key, class]`` of every event, by the flat index, which numpy finds fastest."""
    found: NDArray[Whole] = table.take(key[..., None] * table.shape[1] + classes)
    return found


def _classes(space: Space, view: View, columns: Columns, events: Ints) -> Ints:
    target = space.target(view.target)
    table = target.table[:, events]
    return table[columns[target.column]] if target.column else table[0]


def _codes(space: Space, memory: Memory) -> Codes:
    count = prod(space.sizes[name] for name in memory.view.columns)
    codes = np.zeros((count, memory.codes.shape[1]), dtype=np.uint8)
    codes[memory.keys] = memory.codes
    return codes
