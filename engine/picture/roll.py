"""What a picture shows of a song, whatever it was read from: lanes of notes, sections, chords, bars."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.export.chart import head
from engine.notation.sheet import title
from engine.song import NORMAL, Part, Song

Ints = NDArray[np.int64]

# Columns of a lane's notes; loudness as a composer thinks of it, 0 (ghost) .. 3 (accent).
START, LENGTH, PITCH, LOUD = range(4)

# Okabe and Ito's colours (https://jfly.uni-koeln.de/color/), darkened until each stands out 3:1 on the palest
# ground: told apart by dichromats too. The order of the rest is that of MIDI files.
_OF_PART = {"melody": "#c2410c", "lead": "#a03b7e", "rhythm": "#00795a", "bass": "#0064a6", "drums": "#44474d"}
_ALIAS = {"lead guitar": "lead", "rhythm guitar": "rhythm"}
_REST = ("#8a5a00", "#2477a8", "#7a6a00", "#6a4fb0", "#5f6b3a", "#9c4242")


class Lane(NamedTuple):
    """A player's notes as rows (start, length, pitch, loudness), in order of start.

    title: the name people read. drums: pitches are General MIDI drum numbers.
    """

    name: str
    title: str
    colour: str
    drums: bool
    notes: Ints


class Stretch(NamedTuple):
    """A section. material: what it shares with others, "" if nobody told; energy: 1..5, or 0 if nobody told."""

    start: int
    length: int
    title: str
    kind: str
    material: str
    energy: int


class Label(NamedTuple):
    """A chord from a moment on: its symbol, and its numeral if the key is known."""

    start: int
    length: int
    text: str
    numeral: str


class Roll(NamedTuple):
    """A song to look at. Times are whole units, ``second`` of them a second.

    about: one line of facts. bars: the first moment of each bar, and the end of the last. steps: sixteenths of the
    usual bar.
    """

    title: str
    about: str
    second: int
    bars: tuple[int, ...]
    steps: int
    lanes: tuple[Lane, ...]
    sections: tuple[Stretch, ...]
    chords: tuple[Label, ...]

    @property
    def end(self) -> int:
        """Return the length."""
        return self.bars[-1]


def song_roll(song: Song) -> Roll:
    """Return a song as it is written, times in ticks."""
    bar = song.meter.bar
    lanes = tuple(
        Lane(part.name, part.track, colour, part.name == "drums", _rows(part))
        for part, colour in zip(song.parts, colours(part.name for part in song.parts), strict=True)
    )
    sections, chords = [], []
    for section in song.sections:
        start, key = section.start_bar * bar, song.key_of(section)
        about = (section.title, section.kind, section.material, section.energy)
        sections.append(Stretch(start, section.bars * bar, *about))
        chords += [
            Label(start + span.start, span.length, span.chord.symbol(key), span.numeral) for span in section.chords
        ]
    return Roll(
        title(song),
        head(song),
        8 * song.tempo,  # 480 ticks a beat, 60 seconds a minute
        tuple(range(0, song.bars * bar + 1, bar)),
        song.meter.slots,
        lanes,
        tuple(sections),
        joined(chords),
    )


def _rows(part: Part) -> Ints:
    rows = [
        (note.start, note.length, note.pitch, min(note.stress, NORMAL) if note.mark else note.stress)
        for note in part.notes
    ]
    return np.array(rows, np.int64).reshape(-1, 4)


def colours(names: Iterable[str]) -> list[str]:
    """Return a colour for each lane: our players have their own, others what is left in turn."""
    found: list[str] = []
    for name in names:
        own = _OF_PART.get(_ALIAS.get(name.lower(), name.lower()))
        found.append(own if own and own not in found else _REST[len(found) % len(_REST)])
    return found


def joined(chords: Iterable[Label]) -> tuple[Label, ...]:
    """Return the chords with a chord that follows itself told once."""
    rows: list[Label] = []
    for label in chords:
        if rows and rows[-1][2:] == label[2:] and rows[-1].start + rows[-1].length == label.start:
            rows[-1] = rows[-1]._replace(length=rows[-1].length + label.length)
        else:
            rows.append(label)
    return tuple(rows)
