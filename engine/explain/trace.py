"""What is drawn while a part is played, kept for whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import NamedTuple

from engine.chain.sampler import Drawn, Sampler
from engine.chain.watch import About, watching
from engine.parts.melody.lines import Taken


class Line(NamedTuple):
    """A line that was drawn: the chain, what it is made of, the events."""

    sampler: Sampler
    about: About
    events: tuple[int, ...]

    @property
    def values(self) -> tuple[Hashable, ...]:
        """What the events stand for."""
        return tuple(names[event] for names, event in zip(self.about.names, self.events, strict=True))


class Sung(NamedTuple):
    """A line that was sung and the draws that made it; None where it was taken from another.

    edit: in words, the edit that it was sung for, "" for none.
    """

    taken: Taken
    rhythm: Line | None
    tune: Line | None
    edit: str = ""


class Trace:
    """Draws and sung lines, in the order in which they were made."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.sung: list[Sung] = []
        self._since = 0  # the last line that was sung

    def __call__(self, what: object) -> None:
        """Take down what the watcher is told."""
        if isinstance(what, Drawn) and what.sampler.about is not None:
            self.lines += [Line(what.sampler, what.sampler.about, tuple(events)) for events in what.lines]
        elif isinstance(what, Taken):
            own = self.lines[self._since :]
            self._since = len(self.lines)
            self.sung.append(Sung(what, _rhythm(own, what), _tune(own, what.onsets, what.pitches)))

    def add(self, other: Trace, edit: str = "") -> None:
        """Take down what another trace has seen; edit: in words, the one that it watched."""
        self.lines += other.lines
        self.sung += [sung._replace(edit=edit) if edit else sung for sung in other.sung]

    def hook(self, onsets: tuple[int, ...], pitches: tuple[int, ...]) -> Line | None:
        """Return the draw of a line's pitches, whoever took it."""
        return _tune(self.lines, onsets, pitches)


def traced(play: Callable[[], object]) -> Trace:
    """Return what is drawn while something is played."""
    trace = Trace()
    with watching(trace):
        play()
    return trace


def _tune(lines: list[Line], onsets: tuple[int, ...], pitches: tuple[int, ...]) -> Line | None:
    found = (line for line in lines if line.about.slots == onsets and line.values == pitches)
    return next(found, None)


def _rhythm(lines: list[Line], taken: Taken) -> Line | None:
    return rhythm_of(lines, taken.phrase.sung, taken.onsets)


def rhythm_of(lines: list[Line], window: tuple[int, int], onsets: tuple[int, ...]) -> Line | None:
    """Return the draw of a line's onsets between its first and its last slot."""
    first, last = window[0], window[1] - 1
    for line in lines:
        if line.about.what == "onset" and len(line.events) == last - first - 1:
            struck = (first, *(first + 1 + k for k, event in enumerate(line.events) if event), last)
            # A line that would go on with a known melody whatever came first begins a note later.
            if struck[len(struck) - len(onsets) :] == onsets:
                return line
    return None
