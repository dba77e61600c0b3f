"""Watching draws: who asks why a note is what it is sees every draw, and what its chain was made of.

The chain is the one that composes; nothing is drawn for the watcher's sake. Nobody watching, a draw costs one look
at a variable.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

Watcher = Callable[[object], None]
_watcher: ContextVar[Watcher | None] = ContextVar("watcher", default=None)


class Stage(NamedTuple):
    """What the events of every step weigh once a rule has spoken: the model's weights times all rules so far.

    rule: its name; of the first stage "model". weights: one array a step, shape (states, events). States of the sampler
    that only a later rule tells apart follow one another a whole set at a time, so state s is row s modulo the states.
    """

    rule: str
    weights: Sequence[Ints]


class View(NamedTuple):
    """What one viewpoint says: the cost it adds to each event of every step, arrays as of ``Stage``."""

    name: str
    costs: Sequence[Ints]


class About(NamedTuple):
    """What a chain draws.

    what: "pitch", "onset" and so on. slots: of each step, from the section's start, or from where the chain begins.
    names: what the events of each step stand for: MIDI numbers, for onsets 0 and 1, for beats signs such as "x.x.".
    rules: what the sampler's own table adds to the last stage, in a word.
    """

    what: str
    slots: tuple[int, ...]
    names: tuple[tuple[Hashable, ...], ...]
    stages: tuple[Stage, ...] = ()
    views: tuple[View, ...] = ()
    rules: str = "rules"


class Stages:
    """The stages of a chain that is being made, taken down while somebody watches; else false, and nothing is."""

    def __init__(self) -> None:
        self._watched = watcher() is not None
        self.found: list[Stage] = []

    def __bool__(self) -> bool:
        return self._watched

    def add(self, rule: str, weights: Ints) -> None:
        """Take down what all steps weigh by now, shape (steps, states, events)."""
        if self._watched:
            self.found.append(Stage(rule, list(weights.copy())))


@contextmanager
def watching(watcher: Watcher) -> Iterator[None]:
    """Tell a watcher for a while of every draw, and of what parts have to say about theirs."""
    before = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(before)


def watcher() -> Watcher | None:
    """Return who watches, if anybody does."""
    return _watcher.get()
