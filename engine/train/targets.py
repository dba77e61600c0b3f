"""Classes of events for the prediction tasks: each function takes the number of events and returns a target.

See engine.models.viewpoints for what a target is.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.models.viewpoints import Target

MakeTarget = Callable[[int], Target]


def step(quality: int = 1) -> MakeTarget:
    """Return the step from the last event, of the roots when events are root * quality + kind; from 0 at the start."""

    def make(events: int) -> Target:
        size = events // quality
        before = np.append(np.arange(events) // quality, 0)
        now = np.arange(events)
        return Target("x1", (now // quality - before[:, None]) % size * quality + now % quality)

    return make


def degree(middle: int) -> MakeTarget:
    """Return the pitch class above the chord's root; an unknown root counts as the tonic. middle: the tonic."""

    def make(events: int) -> Target:
        root = np.arange(13) % 12
        return Target("root", (np.arange(events) - middle - root[:, None]) % 12)

    return make


def pitch_class(events: int) -> Target:
    """Return the pitch class of a pitch."""
    return Target("", (np.arange(events)[None] - 30) % 12)


def bit(*bits: int) -> MakeTarget:
    """Return some bits of an event."""

    def make(events: int) -> Target:
        table = sum(((np.arange(events) >> bit) & 1) << place for place, bit in enumerate(bits))
        return Target("", np.asarray(table, dtype=np.int64)[None])

    return make


def sounding(events: int) -> Target:
    """Return a bass note's pitch class above the tonic instead of the root, 1..12; 0 for none."""
    root = np.arange(13)[:, None] % 12
    now = np.arange(events)[None]
    return Target("root", np.where(now == 0, 0, 1 + (now - 1 + root) % 12))


def landing(events: int) -> Target:
    """Return where in the bar the next onset falls; 16 when more than two bars away."""
    beat, now = np.arange(16)[:, None], np.arange(events)[None]
    return Target("beat", np.where(now == events - 1, 16, (beat + now + 1) % 16))


def modulo(step: int) -> MakeTarget:
    """Return the length modulo some number of bars."""
    return lambda events: Target("", (np.arange(events)[None] + 1) % step)
