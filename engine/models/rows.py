"""Rows of a mixture for the sampler: many states at once, with what does not change remembered.

A sampler asks for the weights of all events after every state (every pair of last notes, say), place
after place. Most experts look at few things that change from place to place, so what each expert says
is kept by the values it looked at. Only time is saved: the rows are those of ``Mixture.rows``.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence

import numpy as np

from engine.chain.costs import row, weights
from engine.models.memory import Memory
from engine.models.mixture import Mixture
from engine.models.viewpoints import Ints, View


class Rows:
    """A mixture looked at from a fixed set of events, with the memories of the song so far."""

    def __init__(self, mixture: Mixture, events: Ints, memories: Sequence[Memory] = ()) -> None:
        self._mixture = mixture
        self._events = events
        self._memories = tuple(memories)
        self._kept: dict[Hashable, Ints] = {}

    def with_memories(self, memories: Sequence[Memory]) -> Rows:
        """Return the same rows with other memories; what the long-term experts said stays remembered."""
        found = Rows(self._mixture, self._events, memories)
        found._kept = self._kept
        return found

    def at(self, states: Mapping[str, Ints], label: Hashable, place: Mapping[str, int]) -> Ints:
        """Return rows that sum to 65,536 over the chosen events, shape (states, events).

        states: the columns that differ from state to state, each of shape (states,); label: a name for
        these states (equal labels must mean equal columns). place: the columns all states share.
        """
        count = len(next(iter(states.values())))
        picks = tuple(place[name] for name in self._mixture.design.selectors)
        total = np.zeros((count, len(self._events)), dtype=np.int64)
        for number, chain in enumerate(self._mixture.chains):
            total += self._keep(
                chain.view, states, place, (number, label, picks), lambda c, n=number: self._long(n, c, count, picks)
            )
        for number, memory in enumerate(self._memories):
            total += self._keep(
                memory.view, states, place, (id(memory), label), lambda c, n=number: self._short(n, c, count)
            )
        total -= total.min(axis=1, keepdims=True)
        return row(weights(total))

    def _keep(
        self,
        view: View,
        states: Mapping[str, Ints],
        place: Mapping[str, int],
        key: tuple[Hashable, ...],
        make: Callable[[dict[str, Ints]], Ints],
    ) -> Ints:
        target = self._mixture.space.target(view.target).column
        names = (*view.columns, target) if target else view.columns
        shared = tuple(place[name] for name in names if name not in states)
        found = self._kept.get((key, shared))
        if found is None:
            count = len(next(iter(states.values())))
            columns = {
                name: states[name] if name in states else np.full(count, place[name], dtype=np.int64) for name in names
            }
            found = self._kept[(key, shared)] = make(columns)
        return found

    def _long(self, number: int, columns: dict[str, Ints], count: int, picks: tuple[int, ...]) -> Ints:
        mixture = self._mixture
        costs, trust = mixture.chains[number].look(mixture.space, columns, count)
        weight = mixture.trust[number][trust]
        for select, pick in zip(mixture.select, picks, strict=True):
            weight = weight + select[pick, number]
        return (weight[:, None] * costs[:, self._events]) >> 8

    def _short(self, number: int, columns: dict[str, Ints], count: int) -> Ints:
        codes = self._memories[number].look(self._mixture.space, columns, count)
        return self._mixture.worth[number][codes[:, self._events]]
