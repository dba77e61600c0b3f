"""Short-term memory: what followed the same context earlier in this song.

A memory keeps, for one view, how often each class followed each context and which came last. What it
says about a candidate is a small whole number, its *state*: how often the candidate followed, how often
something else did, and whether it was the last or the last two. What each state is worth is learnt
(an indirect model, as in the PAQ compressors of Mahoney 2005), so nothing need be assumed about how
fast a song makes up its mind.
"""

from __future__ import annotations

from math import prod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.models.viewpoints import Columns, Ints, Space, View, find

Codes = NDArray[np.uint8]

_SEEN = (0, 1, 2, 3, 5, 9, 17)  # the least counts of the classes "followed that often"
_OTHER = (0, 1, 2, 3, 5, 9, 17, 33)
STATES = len(_SEEN) * len(_OTHER) * 3

_SEEN_CODE = np.searchsorted(_SEEN, np.arange(_SEEN[-1] + 1), side="right") - 1
_OTHER_CODE = np.searchsorted(_OTHER, np.arange(_OTHER[-1] + 1), side="right") - 1
# The parts of a state, for plain whole numbers.
_SEEN_STATE: list[int] = (_SEEN_CODE * len(_OTHER) * 3).tolist()
_OTHER_STATE: list[int] = (_OTHER_CODE * 3).tolist()


def states(seen: Ints, last: Ints, before: Ints) -> Codes:
    """Return the state of every class after each context, same shape as ``seen``; 0 says nothing is known.

    seen: how often each class followed, shape (contexts, classes).
    last, before: the class that followed last, and the time before, shape (contexts,); -1 for none.
    """
    other = seen.sum(axis=1, keepdims=True) - seen
    code = _SEEN_CODE[np.minimum(seen, _SEEN[-1])] * len(_OTHER) + _OTHER_CODE[np.minimum(other, _OTHER[-1])]
    found: Codes = (code * 3).astype(np.uint8)
    rows = np.flatnonzero(last >= 0)
    found[rows, last[rows]] += np.where(before[rows] == last[rows], 2, 1).astype(np.uint8)
    return found


class Memory(NamedTuple):
    """What followed each context of one view so far. ``codes`` has a state a class for every known key."""

    view: View
    keys: Ints
    codes: Codes

    @classmethod
    def of(cls, space: Space, view: View, columns: Columns, events: Ints) -> Memory:
        """Return the memory of a stretch of music: its events in order, with their columns."""
        count = len(events)
        found = space.keys(view.columns, columns, count)
        happened = space.classes(view.target, columns, count)[np.arange(count), events]
        # As np.unique would, without the masked arrays that it loads.
        keys = np.array(sorted(set(found.tolist())), dtype=np.int64)
        inverse = np.searchsorted(keys, found)
        seen = np.zeros((len(keys), space.target(view.target).classes), dtype=np.int64)
        np.add.at(seen, (inverse, happened), 1)
        last = np.full(len(keys), -1, dtype=np.int64)
        before = last.copy()
        for context, event in zip(inverse.tolist(), happened.tolist(), strict=True):
            before[context], last[context] = last[context], event
        return cls(view, keys, states(seen, last, before))

    def look(self, space: Space, columns: Columns, count: int) -> Codes:
        """Return the state of every event at ``count`` places, shape (count, events)."""
        place = find(self.keys, space.keys(self.view.columns, columns, count))
        known = np.zeros((count, self.codes.shape[1]), dtype=np.uint8)
        hit = place >= 0
        known[hit] = self.codes[place[hit]]
        spread: Codes = np.take_along_axis(known, space.classes(self.view.target, columns, count), axis=1)
        return spread


class Growing:
    """The memory of one view as a song grows, with what each state is worth: as a Memory filled anew, only faster.

    says: what it adds to the cost of every class after every context, shape (contexts * classes,).
    """

    def __init__(self, space: Space, view: View, worth: Ints) -> None:
        self.view = view
        self.classes = space.target(view.target).classes
        contexts = prod(space.sizes[name] for name in view.columns)
        self.says = np.full(contexts * self.classes, worth[0], dtype=np.int32)
        self._space = space
        self._worth: list[int] = worth.tolist()
        # For each context: the class that followed last, the time before, and how often each did.
        self._known: dict[int, tuple[list[int], dict[int, int]]] = {}

    def learn(self, columns: Columns, events: Ints) -> None:
        """Take in a stretch of music: its events in order, with their columns."""
        count, space, known = len(events), self._space, self._known
        keys = space.keys(self.view.columns, columns, count).tolist()
        happened = space.classes(self.view.target, columns, count)[np.arange(count), events].tolist()
        for key, event in zip(keys, happened, strict=True):
            if key not in known:
                known[key] = ([event, -1], {event: 1})
                continue
            order, seen = known[key]
            order[1], order[0] = order[0], event
            seen[event] = seen.get(event, 0) + 1
        worth, says, width = self._worth, self.says, self.classes
        for key in set(keys):
            (last, before), seen = known[key]
            total, first = sum(seen.values()), key * width
            says[first : first + width] = worth[_OTHER_STATE[min(total, _OTHER[-1])]]
            for event, times in seen.items():
                state = _SEEN_STATE[min(times, _SEEN[-1])] + _OTHER_STATE[min(total - times, _OTHER[-1])]
                if event == last:
                    state += 2 if before == last else 1
                says[first + event] = worth[state]


def running(space: Space, view: View, columns: Columns, events: Ints, songs: Ints) -> Codes:
    """Return what a memory of the song so far says before each event, shape (places, events).

    songs: the number of the song of each event; each song starts with an empty memory. Equal to filling a
    Memory anew before every event, only faster.
    """
    count = len(events)
    classes = space.classes(view.target, columns, count)
    happened = classes[np.arange(count), events]
    keys = space.keys(view.columns, columns, count)
    order = np.lexsort((np.arange(count), keys, songs))
    new = np.ones(count, dtype=bool)
    new[1:] = (keys[order][1:] != keys[order][:-1]) | (songs[order][1:] != songs[order][:-1])
    group = np.cumsum(new) - 1
    first = np.flatnonzero(new)
    row = happened[order]
    # Counts before each place: a running sum over all places, less what it was where the context began.
    ones = np.zeros((count, space.target(view.target).classes), dtype=np.int32)
    ones[np.arange(count), row] = 1
    total = np.cumsum(ones, axis=0, dtype=np.int32) - ones
    seen = total - total[first][group]
    rank = np.arange(count) - first[group]
    last = np.where(rank >= 1, np.roll(row, 1), -1)
    before = np.where(rank >= 2, np.roll(row, 2), -1)
    found = np.empty((count, seen.shape[1]), dtype=np.uint8)
    found[order] = states(seen, last, before)
    spread: Codes = np.take_along_axis(found, classes, axis=1)
    return spread
