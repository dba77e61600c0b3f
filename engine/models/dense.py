"""A mixture made ready for the sampler: every context a row, every question an index.

A sampler asks for the weights of a few events after every state at every place at once. Columns may be
given with the axes they really vary on (places, states), in any shapes that broadcast: an expert that
looks at the chord alone is then asked once a place and not once a state. The rows are those of
``Mixture.rows``, to the last unit.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import lru_cache, partial
from itertools import zip_longest
from math import prod
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.chain import watch
from engine.chain.costs import NEVER, TOP, row, weights
from engine.errors import ModelError
from engine.models.backoff import TRUST
from engine.models.memory import Growing
from engine.models.mixture import Mixture
from engine.models.viewpoints import Columns, Ints, Space, View

Whole = TypeVar("Whole", bound=np.integer[Any])

_BIG = 1 << 15  # numbers of one expert
MOST = 1 << 18  # contexts of one expert; more do not belong in a sampler


class _Expert(NamedTuple):
    """A long-term chain: for every context the costs of all classes and the trust in them.

    select: what the selectors add to the trust, by their values together, the first weighing most.
    """

    view: View
    costs: Ints
    trust: Ints
    select: Ints


class Dense:
    """A mixture over some of its events, with the memories of the song so far.

    events: the events that are open, shape (n,). Raises ModelError for experts with too many contexts.
    """

    def __init__(self, mixture: Mixture) -> None:
        self._mixture = mixture
        self._experts = tuple(
            _Expert(chain.view, *_every(mixture, number), _selected(mixture, number))
            for number, chain in enumerate(mixture.chains)
        )
        # The classes of some events by the values of each target's column.
        self._opened = lru_cache(maxsize=64)(partial(_open, mixture))

    def memories(self) -> tuple[Growing, ...]:
        """Return the memories of a song that has not begun."""
        views, worth = self._mixture.design.short, self._mixture.worth
        return tuple(Growing(self._mixture.space, view, each) for view, each in zip(views, worth, strict=True))

    def rows(self, columns: Columns, events: Ints, memories: Sequence[Growing] = ()) -> Ints:
        """Return weights of the events at all places, rows of 65,536, shape (*the columns' shape, n)."""
        return weigh(self.long(columns, events) + self.short(columns, events, memories))

    def long(self, columns: Columns, events: Ints, experts: Sequence[int] | None = None) -> Ints:
        """Return what the experts on the corpus (all, or those numbered) say: costs, shapes as of ``rows``."""
        space, selectors = self._mixture.space, self._mixture.design.selectors
        opened = self._opened(events.tobytes())
        # A few equal places are sooner asked again than told apart.
        kinds = _kinds(columns) if _size(columns) * len(events) > _BIG else {}
        picked = _key(space, selectors, columns)
        total: Ints = np.zeros(1, dtype=np.int64)
        for number in range(len(self._experts)) if experts is None else experts:
            view, costs, trust, select = self._experts[number]
            few, back = _distinct(space, view, selectors, columns, kinds) if kinds else (columns, None)
            key = _key(space, view.columns, few)
            weight = trust.take(key) + select.take(picked if back is None else _key(space, selectors, few))
            found = _ask(costs, costs.shape[1], key, _classes(space, view, few, opened)) * weight[..., None]
            found >>= 8
            total = _added(total, found if back is None else found[back])
        return total

    def short(
        self, columns: Columns, events: Ints, memories: Sequence[Growing], chosen: Sequence[int] | None = None
    ) -> Ints:
        """Return what the memories (all, or those numbered) say: costs, shapes as of ``rows``."""
        space, opened = self._mixture.space, self._opened(events.tobytes())
        total: Ints = np.zeros(1, dtype=np.int64)
        for number in range(len(memories)) if chosen is None else chosen if memories else ():
            memory = memories[number]
            key = _key(space, memory.view.columns, columns)
            total = _added(total, _ask(memory.says, memory.classes, key, _classes(space, memory.view, columns, opened)))
        return total

    def views(
        self, columns: Columns, events: Ints, memories: Sequence[Growing], shape: tuple[int, ...]
    ) -> tuple[watch.View, ...]:
        """Return what each view by itself adds to the costs of ``rows`` (of this shape), in words and numbers."""
        found = [
            (_told(view), self.long(columns, events, [number])) for number, view in enumerate(self._mixture.design.long)
        ]
        found += [
            (f"this song: {_told(memory.view)}", self.short(columns, events, memories, [number]))
            for number, memory in enumerate(memories)
        ]
        return tuple(watch.View(name, list(np.broadcast_to(costs, shape))) for name, costs in found)


def _told(view: View) -> str:
    return f"{view.target} after {', '.join(view.columns)}" if view.columns else view.target


def _added(total: Ints, more: NDArray[Whole]) -> Ints:
    if total.shape != more.shape:
        return total + more
    total += more
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
    levels, classes = chain.levels, chain.levels[0].costs.shape[1]
    costs: Ints = np.empty((count, classes), dtype=np.int64)
    costs[:] = levels[0].costs[0]
    trust: Ints = np.full(count, levels[0].trust[0], dtype=np.int64)
    for length, level in enumerate(levels[1:], 1):
        # A context of some columns speaks for all that go on from it, until a longer one does.
        further = prod(sizes[length:])
        costs.reshape(-1, further, classes)[level.keys] = level.costs[:, None]
        trust.reshape(-1, further)[level.keys] = level.trust[:, None].astype(np.int64) + length * TRUST
    return costs, mixture.trust[number][trust]


def _selected(mixture: Mixture, number: int) -> Ints:
    found: Ints = np.zeros(1, dtype=np.int64)
    for select in mixture.select:
        found = (found[:, None] + select[:, number]).ravel()
    return found


def _open(mixture: Mixture, events: bytes) -> dict[str, Ints]:
    line, views = np.frombuffer(events, dtype=np.int64), (*mixture.design.long, *mixture.design.short)
    return {goal: mixture.space.target(goal).table[:, line] for goal in {view.target: None for view in views}}


def _size(columns: Columns) -> int:
    return prod(
        max(sizes) for sizes in zip_longest(*(np.shape(values)[::-1] for values in columns.values()), fillvalue=1)
    )


def _key(space: Space, names: Sequence[str], columns: Columns) -> Ints:
    key: Ints | None = None
    for name in names:
        key = columns[name] if key is None else key * space.sizes[name] + columns[name]
    return np.zeros(1, dtype=np.int64) if key is None else key


def _ask(table: NDArray[Whole], width: int, key: Ints, classes: Ints) -> NDArray[Whole]:
    """Return the entry of every event after each context, from a table of so many classes."""
    found: NDArray[Whole] = table.take((key * width)[..., None] + classes)
    return found


def _classes(space: Space, view: View, columns: Columns, opened: Mapping[str, Ints]) -> Ints:
    table, column = opened[view.target], space.target(view.target).column
    return table.take(columns[column], axis=0) if column else table[0]
