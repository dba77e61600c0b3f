"""What the chain of pitches remembers: the last event and, in a new line, the class of the motion to it."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from engine.models.pitch import MOTIONS, NONE, STILL, motions
from engine.models.viewpoints import Ints

WIDEST = 12  # semitones: no leap goes beyond an octave


class States(NamedTuple):
    """The states that a line can be in; the last of them is its start.

    last: the event before, as an index of the line's events, or how many there are for none, shape (states,).
    moved: the motion to it, shape (states,). after: the state after each event, shape (states, events).
    """

    last: Ints
    moved: Ints
    after: Ints


@lru_cache(maxsize=256)
def moving(events: bytes, last: int, before: int) -> States:
    """Return the states of a new line over events, after the last event and the one before it (or NONE).

    What the voice cannot reach here counts as nothing. Only what some line can come to is a state.
    """
    line = np.frombuffer(events, dtype=np.int64)
    size, here = len(line) + 1, np.arange(len(line))
    known = last in line
    start = (int(motions(np.array(last), np.array(before))), int(np.searchsorted(line, last))) if known else None
    moved = motions(line[None], np.append(line, NONE)[:, None])
    near = np.abs(line[None] - line[:, None]) <= WIDEST
    codes = moved * size + here
    found = {*codes[:-1][near].tolist(), *([] if start else codes[-1].tolist())}
    first = start[0] * size + start[1] if start else STILL * size + len(line)
    order = [*sorted(found), first]
    number = np.zeros(MOTIONS * size, dtype=np.int64)
    number[order[:-1]] = np.arange(len(order) - 1)
    states = np.array(order, dtype=np.int64)
    ends = states % size
    return States(ends, states // size, number[codes[ends]])


@lru_cache(maxsize=64)
def standing(count: int) -> Ints:
    """Return the state after each state and event, where a state is the last event."""
    return np.broadcast_to(np.arange(count), (count + 1, count))


def start_of(events: Ints, last: int) -> int:
    """Return the state after the last event before; what the voice cannot reach here counts as nothing."""
    at = int(np.searchsorted(events, last))
    return at if at < len(events) and events[at] == last else len(events)
