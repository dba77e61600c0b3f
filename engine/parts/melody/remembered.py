"""What the voice remembers of the song so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from engine.models.dense import Dense
from engine.models.memory import Growing
from engine.models.viewpoints import Ints

Past = tuple[Mapping[str, Ints], Ints]  # columns and events, to be remembered


class Memories:
    """What a mixture remembers of the song: what has been sung, taken in when it is asked for."""

    def __init__(self, model: Dense) -> None:
        self._model = model
        self._memories: tuple[Growing, ...] = ()
        self._read = 0

    def after(self, past: Sequence[Past]) -> tuple[Growing, ...]:
        """Return the memories of a past that has grown since the last time; () for none."""
        if self._read < len(past):
            self._memories = self._memories or self._model.memories()
            columns, events = _joined(past[self._read :])
            for memory in self._memories:
                memory.learn(columns, events)
            self._read = len(past)
        return self._memories


def _joined(past: Sequence[Past]) -> Past:
    if len(past) == 1:
        return past[0]
    columns = {name: np.concatenate([part[name] for part, _ in past]) for name in past[0][0]}
    return columns, np.concatenate([events for _, events in past])
