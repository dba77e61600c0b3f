"""What a prediction task is, and shorthand for its viewpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from engine.models.mixture import Design
from engine.models.viewpoints import View
from engine.train.events import Derive
from engine.train.fit_mixture import Settings
from engine.train.targets import MakeTarget

Sizes = Mapping[str, int]


class Task(NamedTuple):
    """One kind of event.

    events: how many there are. sides: name and size of each column of side information. derived: further series.
    targets: classes of events (see engine.models.viewpoints), made from the number of events.
    design: the viewpoints; without memory, those with long-term counts alone.
    """

    events: int
    sides: Sizes
    derived: Mapping[str, Derive]
    targets: Mapping[str, MakeTarget]
    design: Design
    settings: Settings = Settings()


CHORD, BEAT, LABEL = {"chord": 49}, {"beat": 16}, {"label": 10}  # side information


def views(*texts: str) -> tuple[View, ...]:
    """Return views from lines such as ``"chord x1 x2"`` and, with a target, ``"step: x1 x2"``."""
    found = []
    for text in texts:
        target, colon, names = text.rpartition(":")
        found.append(View(tuple(names.split()), target.strip() if colon else "event"))
    return tuple(found)


def orders(most: int, first: str = "", least: int = 0, name: str = "x", target: str = "event") -> tuple[View, ...]:
    """Return the views on the last ``least`` .. ``most`` events, after the columns ``first``."""
    lags = [f"{name}{back}" for back in range(1, most + 1)]
    return tuple(View((*first.split(), *lags[:length]), target) for length in range(least, most + 1))
