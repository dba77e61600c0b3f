"""What was heard in a file: a frozen song with its bars, key, chords, sections and roles, each with how sure it is.

Times are ticks, 480 to the quarter, from the first bar line; notes before it (an anacrusis) have negative ones. Swing
is taken out of the notes and told apart, as everywhere in Hookline.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from engine.learn.grid import Floats, file_ticks
from engine.learn.raw import Ints
from engine.theory.chord import Chord
from engine.theory.key import Key
from engine.theory.meter import Meter

# Columns of HeardTrack.notes.
START, LENGTH, PITCH, VELOCITY, OFF = range(5)


class HeardMeter(NamedTuple):
    """A metre from a bar on."""

    bar: int
    meter: Meter


class HeardChord(NamedTuple):
    """A chord in force: first tick, ticks long; chord is None where there is none. confidence: 0..1."""

    start: int
    length: int
    chord: Chord | None
    confidence: float


class HeardPhrase(NamedTuple):
    """A stretch of some four or eight bars. label: equal letters share material. first, bars: whole bars."""

    label: str
    first: int
    bars: int


class HeardSection(NamedTuple):
    """A section: phrases of one kind in a row.

    kind: one of engine.song.KINDS. label: the letters of its phrases. first, bars: whole bars. told: by a marker
    of the file (then kind is what it says). confidence: 0..1, of the kind.
    """

    kind: str
    label: str
    first: int
    bars: int
    told: bool
    confidence: float


@dataclass(frozen=True, slots=True)
class HeardTrack:
    """A track. notes: (n, 5) of start, length (ticks), pitch, velocity, and ticks it was played off the grid.

    role: one of engine.learn.roles.ROLES; chances: of every role, in that order. program: -1 if the file is silent.
    name: as in the file, for reports only.
    """

    role: str
    chances: tuple[float, ...]
    program: int
    notes: Ints
    name: str

    @property
    def confidence(self) -> float:
        """How sure the role is, 0..1."""
        return max(self.chances)


@dataclass(frozen=True, slots=True)
class Heard:
    """A song as heard.

    bars: the tick of every bar line and of the end, shape (bars + 1,); the first is 0. meters: the first at bar 0.
    tempo: quarters a minute. swing: percent of a pair's time on its first note (50 straight), swing_unit its slots.
    bars_by, chords_by, sections_by: "file" (as it says), or "heard". error: seconds, root mean square, by which
    notes lie off the grid. tracked: the beats were found in the notes, as the file's do not fit them. confidence:
    0..1 by stage: "metre", "key", "chords", "sections", "roles". problems: what was wrong or doubtful, one line each.
    tempo_told: whether the file says how fast it goes. anchors: (tick of the file, tick) pairs between which time runs
    evenly, from the first beat of the grid on, with the swing still in.
    """

    name: str
    bars: Ints
    meters: tuple[HeardMeter, ...]
    tempo: float
    swing: int
    swing_unit: int
    triplets: int
    tracked: bool
    error: float
    key: Key
    chords: tuple[HeardChord, ...]
    phrases: tuple[HeardPhrase, ...]
    sections: tuple[HeardSection, ...]
    tracks: tuple[HeardTrack, ...]
    bars_by: str
    chords_by: str
    sections_by: str
    confidence: dict[str, float]
    problems: tuple[str, ...]
    tempo_told: bool = True
    anchors: Floats = field(default_factory=lambda: np.array([[0.0, 0.0], [480.0, 480.0]]), compare=False)

    @property
    def meter(self) -> Meter:
        """The metre that most bars have."""
        ends = [change.bar for change in self.meters[1:]] + [len(self.bars) - 1]
        lengths: dict[Meter, int] = {}
        for change, end in zip(self.meters, ends, strict=True):
            lengths[change.meter] = lengths.get(change.meter, 0) + end - change.bar
        return max(lengths, key=lambda meter: lengths[meter])

    @property
    def anacrusis(self) -> int:
        """Ticks from the first note to the first bar line, 0 if it starts there or later."""
        return max(0, -min(int(track.notes[0, START]) for track in self.tracks))

    def file_ticks(self, ticks: Ints) -> Ints:
        """Return the file's own ticks of ticks as heard: where they swing and stand under its tempo map."""
        return file_ticks(ticks, self.anchors, self.swing, self.swing_unit)

    @property
    def seconds(self) -> float:
        """How long the song lasts."""
        return float(self.bars[-1]) / 480 * 60 / self.tempo

    def played(self, role: str) -> tuple[HeardTrack, ...]:
        """Return the tracks of a role, the surest (by confidence, then notes) first."""
        mine = [track for track in self.tracks if track.role == role]
        return tuple(sorted(mine, key=lambda track: (-track.confidence, -len(track.notes))))
