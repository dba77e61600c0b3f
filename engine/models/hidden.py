"""Hidden states of a song, one an event or one a bar, and what they foretell of the next event.

A hidden Markov model whose state lasts an event or a whole bar, and has events of its own for each place (the slot in
the bar, the kind of section). Before each event the states are weighed
by all that the song has played so far (the forward algorithm of Rabiner 1989), so the prediction is

    P(x) = sum_s  P(s | events before) * emit[place, s, x]

The states of engine.models.hmm that drums and bass are composed from are of this kind; fitted by
engine.train.fit_hidden. All is whole numbers.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

from engine.models.hmm import Hmm
from engine.models.recall import log2
from engine.models.viewpoints import Columns, Ints, Space

TRUSTS = 8

_BITS = 30  # as in engine.models.hmm


class Cycle(NamedTuple):
    """What a hidden state lasts for and sees.

    states: how many there are. place: the column whose values have events of their own; "" for none. bar: the state
    lasts until the place rises no more, else for one event. target: the classes of events it sees and foretells.
    """

    states: int
    place: str = ""
    bar: bool = False
    target: str = "event"


class Syntax(NamedTuple):
    """A grammar whose derivation of the song is what is hidden.

    grammar, start: its name and the symbol of a whole song. terminals: the terminal of each event, "" for the end.
    """

    grammar: str
    start: str
    terminals: tuple[str, ...]


class Expert(Protocol):
    """What foretells each event from all that came before it in its song."""

    def look(self, space: Space, columns: Columns, events: Ints, songs: Ints) -> tuple[Ints, Ints]:
        """Return (costs, trust) before each event of many songs, shapes (places, events) and (places,)."""
        ...


class Hidden(NamedTuple):
    """A fitted model: ``emit`` has the rows of engine.models.hmm.Hmm for each place, (places, states, classes)."""

    cycle: Cycle
    start: Ints
    move: Ints
    emit: Ints

    @classmethod
    def of(cls, model: Hmm) -> Hidden:
        """Return a model of single events as one of any length."""
        return cls(Cycle(len(model.start)), model.start, model.move, model.emit[None])

    def look(self, space: Space, columns: Columns, events: Ints, songs: Ints) -> tuple[Ints, Ints]:
        """Return (costs, trust) before each event of many songs, shapes (places, events) and (places,).

        Trust tells how sure of its state the song is. songs: the number of the song of each event, in order.
        """
        count = len(events)
        classes = space.classes(self.cycle.target, columns, count)
        happened = classes[np.arange(count), events]
        place, new = places(self.cycle, columns, songs)
        rows = np.zeros((count, self.emit.shape[2]), dtype=np.int64)
        trust = np.zeros(count, dtype=np.int64)
        first = np.flatnonzero(np.diff(songs, prepend=-1))
        length = np.diff(np.append(first, count))
        order = np.argsort(-length, kind="stable")  # songs that have ended are the last rows
        first, length = first[order], length[order]
        message = np.tile(self.start, (len(first), 1))
        for step in range(int(length[0])):
            playing = int(np.searchsorted(-length, -step))
            at = first[:playing] + step
            message = message[:playing]
            if step:
                moved = new[at]
                message[moved] = _narrow(message[moved] @ self.move)
            emit = self.emit[place[at]]
            rows[at] = np.einsum("ns,nsc->nc", message, emit)
            trust[at] = message.max(axis=1) * (TRUSTS - 1) // message.sum(axis=1)
            message = _narrow(message * emit[np.arange(playing), :, happened[at]])
        costs = log2(rows.sum(axis=1))[:, None] - log2(np.maximum(rows, 1))
        return np.take_along_axis(np.clip(costs, 0, 25600), classes, axis=1), trust


def places(cycle: Cycle, columns: Columns, songs: Ints) -> tuple[Ints, Ints]:
    """Return for each event its place, and whether a state begins there."""
    place = columns[cycle.place] if cycle.place else np.zeros(len(songs), dtype=np.int64)
    if not cycle.bar:
        return place, np.ones(len(songs), dtype=bool)
    return place, (np.diff(place, prepend=-1) <= 0) | (np.diff(songs, prepend=-1) != 0)


def _narrow(message: Ints) -> Ints:
    # Each row below 2**30, rounded up so that what is possible stays possible.
    shift = np.maximum(np.frexp(message.max(axis=1).astype(np.float64))[1] - _BITS, 0)[:, None]
    found: Ints = (message + ((np.int64(1) << shift) - 1)) >> shift
    return found
