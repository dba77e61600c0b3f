"""A piece as the measures see it: bars of sixteenth slots, whatever it was read from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.perform import perform
from engine.song import Note, Song
from engine.theory.meter import SLOT, Meter

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Columns of a table of notes.
START, LENGTH, PITCH = range(3)

# General MIDI drum numbers, and those of the Groove MIDI kit, by class.
DRUM_CLASSES: dict[str, tuple[int, ...]] = {
    "kick": (35, 36),
    "snare": (37, 38, 39, 40),
    "hat": (22, 26, 42, 44, 46, 51, 53, 59),
    "crash": (49, 52, 55, 57),
    "tom": (41, 43, 45, 47, 48, 50, 58),
}
DRUM_CLASS_OF = {pitch: name for name, pitches in DRUM_CLASSES.items() for pitch in pitches}


class Span(NamedTuple):
    """A section: its kind, first bar, length in bars."""

    kind: str
    start: int
    bars: int


class Harmony(NamedTuple):
    """A chord in force from slot to slot: root 0..11 and the pitch classes above the root (0 first)."""

    start: int
    end: int
    root: int
    steps: tuple[int, ...]


@dataclass(frozen=True)
class Piece:
    """One song, ready to be measured.

    starts: first slot of every bar, and the end of the last (bars + 1 numbers). meter: the usual metre.
    melody, bass: rows of start slot, length in slots, MIDI pitch, by start. drums: rows of slot and
    velocity by class (keys of DRUM_CLASSES). tonic: pitch class. What a source lacks is empty; what was not told but
    estimated from the notes ("chords", "tonic") stands in ``estimated``.
    """

    name: str
    tonic: int
    meter: Meter
    starts: Ints
    sections: tuple[Span, ...] = ()
    chords: tuple[Harmony, ...] = ()
    melody: Ints = field(default_factory=lambda: np.zeros((0, 3), np.int64))
    bass: Ints = field(default_factory=lambda: np.zeros((0, 3), np.int64))
    drums: Mapping[str, Ints] = field(default_factory=dict)
    estimated: tuple[str, ...] = ()

    @property
    def bars(self) -> int:
        """Number of bars."""
        return len(self.starts) - 1

    @property
    def end(self) -> int:
        """Slots in the piece."""
        return int(self.starts[-1])

    @property
    def width(self) -> int:
        """Slots of the usual bar."""
        return self.meter.slots

    def bar_of(self, slots: Ints) -> Ints:
        """Return the bar of each slot; a pick-up before the first bar belongs to it."""
        return np.clip(np.searchsorted(self.starts, slots, side="right") - 1, 0, self.bars - 1)

    def place_of(self, slots: Ints) -> Ints:
        """Return the slot within the bar of each slot of the song."""
        return np.asarray(slots - self.starts[self.bar_of(slots)])

    def grid(self, slots: Ints) -> Bools:
        """Return onsets as bars x width; what lies past the usual width of a long bar is left out."""
        grid = np.zeros((self.bars, self.width), bool)
        place = self.place_of(slots)
        keep = (place >= 0) & (place < self.width)
        grid[self.bar_of(slots)[keep], place[keep]] = True
        return grid

    @cached_property
    def chord_index(self) -> Ints:
        """The index in ``chords`` of the chord in force at every slot, -1 for none."""
        index = np.full(self.end, -1, np.int64)
        for i, chord in enumerate(self.chords):
            index[max(0, chord.start) : chord.end] = i
        return index

    @cached_property
    def section_of_bar(self) -> Ints:
        """The index in ``sections`` of every bar, -1 for none."""
        index = np.full(self.bars, -1, np.int64)
        for i, section in enumerate(self.sections):
            index[section.start : section.start + section.bars] = i
        return index


def notes_table(notes: Iterable[tuple[int, int, int]]) -> Ints:
    """Return (start, length, pitch) rows in order of start, one voice: of notes on one slot the highest stays."""
    rows = sorted(notes, key=lambda note: (note[0], -note[2]))
    kept = [row for i, row in enumerate(rows) if i == 0 or rows[i - 1][0] != row[0]]
    return np.array(kept, np.int64).reshape(-1, 3)


def drum_tables(hits: Iterable[tuple[int, int, int]]) -> dict[str, Ints]:
    """Return rows of slot and velocity by class, in order, from (slot, drum number, velocity)."""
    found: dict[str, list[tuple[int, int]]] = {name: [] for name in DRUM_CLASSES}
    for slot, pitch, velocity in hits:
        if pitch in DRUM_CLASS_OF:
            found[DRUM_CLASS_OF[pitch]].append((slot, velocity))
    return {name: np.array(sorted(rows), np.int64).reshape(-1, 2) for name, rows in found.items()}


def even_bars(bars: int, slots: int) -> Ints:
    """Return the bar starts of ``bars`` equal bars."""
    return np.arange(bars + 1, dtype=np.int64) * slots


def piece_from_song(song: Song) -> Piece:
    """Return a composed song as a piece: times as written, drums as loud as they are played."""
    parts = {part.name: part.notes for part in song.parts}
    return Piece(
        name=f"{song.request.style} {song.request.seed}",
        tonic=song.key.tonic,
        meter=song.meter,
        starts=even_bars(song.bars, song.meter.slots),
        sections=tuple(Span(section.kind, section.start_bar, section.bars) for section in song.sections),
        chords=tuple(_harmonies(song)),
        melody=_voice(parts.get("melody", ()), 1),
        bass=_voice(parts.get("bass", ()), -1),
        drums=drum_tables(
            (max(0, round(note.start / SLOT)), note.pitch, played.velocity)
            for note, played in zip(parts.get("drums", ()), perform(song).get("drums", ()), strict=True)
        ),
    )


def _harmonies(song: Song) -> Iterator[Harmony]:
    for section in song.sections:
        first = section.start_bar * song.meter.slots
        for span in section.chords:
            start, chord = first + span.start // SLOT, span.chord
            steps = tuple((pc - chord.root) % 12 for pc in chord.pitch_classes)
            yield Harmony(start, start + span.length // SLOT, chord.root, steps)


def _voice(notes: Iterable[Note], sign: int) -> Ints:
    # Of notes that start together the highest (sign 1) or the lowest (sign -1).
    table = notes_table(
        (max(0, round(note.start / SLOT)), max(1, round(note.length / SLOT)), sign * note.pitch) for note in notes
    )
    table[:, PITCH] *= sign
    return table
