"""Melodies with their chords: RS200, POP909 and OpenEWLD on one grid of sixteenths."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.theory.chord import QUALITIES, parse_numeral
from engine.theory.meter import SLOT, Meter
from engine.train.corpora import openewld, pop909, rs200
from engine.train.corpora.annotated import NO_CHORD, AnnotatedSong

Ints = NDArray[np.int64]

UNKNOWN = -1
_HELD = 8  # slots that a note of a corpus of onsets lasts at most
_SMALL = {"minor", "diminished", "half-diminished"}  # words of MusicXML that a minor third begins with


class Tune(NamedTuple):
    """A melody and the triad under every slot.

    work: what ``held_out`` splits by. bars: first slot of every bar, and the end. notes: (n, 3) of start and length in
    slots, and pitch. states: of every slot, as ``models.harmonize`` counts them, or UNKNOWN.
    """

    id: str
    work: str
    meter: Meter
    tonic: int
    minor: bool
    bars: Ints
    notes: Ints
    states: Ints

    @property
    def corpus(self) -> str:
        """Which corpus it is of."""
        return self.id.partition("/")[0]


def tunes(data: Path) -> Iterator[Tune]:
    """Yield the tunes of all three corpora that have notes and chords; raises CorpusError."""
    for song in rs200.read(data):
        if song.melody:
            yield _annotated(song)
    for grid in pop909.read(data):
        yield _gridded(grid)
    for sheet in openewld.read(data):
        if sheet.notes and sheet.chords:
            yield _sheet(sheet)


def _annotated(song: AnnotatedSong) -> Tune:
    bars = {section.first + number: bar for section in song.sections for number, bar in enumerate(section.bars)}
    last = max(bars) + 1
    meters = [Meter(*map(int, bars[n].meter.split("/"))) if n in bars else None for n in range(last)]
    usual = Meter(*map(int, song.meter.split("/")))
    lines = np.cumsum([0, *((meter or usual).slots for meter in meters)])
    notes, states = [], np.full(lines[-1], UNKNOWN)
    for number, bar in bars.items():
        first, size = int(lines[number]), int(lines[number + 1] - lines[number])
        for item in bar.chords:
            one, other = (first + size * quarter // 4 for quarter in (item.start, item.start + item.quarters))
            states[one:other] = _state(item.numeral, bar.tonic - song.tonic)
    starts = []
    for note in song.melody:
        if note.bar < last:
            size = int(lines[note.bar + 1] - lines[note.bar])
            starts.append((int(lines[note.bar]) + round(Fraction(note.position) * size), note.pitch))
    for (at, pitch), (then, _) in zip(starts, [*starts[1:], (lines[-1], 0)], strict=True):
        notes.append((at, min(max(then - at, 1), _HELD), pitch))
    minor = song.mode in ("minor", "dorian")
    return Tune(song.id, song.work, usual, song.tonic, minor, lines, np.array(notes, np.int64), states)


def _gridded(song: pop909.GridSong) -> Tune:
    lines = np.arange(song.bars + 1) * 16
    states = np.full(lines[-1], UNKNOWN)
    for beat, beats, numeral in song.chords:
        states[4 * beat : 4 * (beat + beats)] = _state(numeral, 0)
    notes = np.array([(note.start, note.length, note.pitch) for note in song.melody], np.int64)
    return Tune(song.id, song.work, Meter(), song.tonic, song.minor, lines, notes, states)


def _sheet(sheet: openewld.Sheet) -> Tune:
    lines = np.array(sheet.bars, np.int64) // SLOT
    last = int(lines[-1])
    ends = [*(chord.start for chord in sheet.chords[1:]), last * SLOT]
    tonic = 7 * sheet.fifths % 12
    # A signature does not tell minor from its relative major; where the tune comes to rest does.
    minor = sheet.chords[-1].root == (tonic + 9) % 12
    tonic = (tonic + 9) % 12 if minor else tonic
    states = np.full(last, UNKNOWN)
    for chord, end in zip(sheet.chords, ends, strict=True):
        small = chord.kind.split("-")[0] == "minor" or chord.kind in _SMALL or chord.kind.startswith("diminished")
        states[max(chord.start // SLOT, 0) : max(end // SLOT, 0)] = 2 * ((chord.root - tonic) % 12) + small
    notes = np.array([(n.start // SLOT, max(n.length // SLOT, 1), n.pitch) for n in sheet.notes], np.int64)
    return Tune(sheet.id, sheet.id, Meter(*sheet.meter), tonic, minor, lines, notes, states)


def _state(numeral: str, up: int) -> int:
    if numeral == NO_CHORD:
        return UNKNOWN
    chord = parse_numeral(numeral)
    return 2 * ((chord.root + up) % 12) + (3 in QUALITIES[chord.quality][0])
