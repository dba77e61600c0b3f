"""Any MIDI file as something to look at: its tracks, its markers as sections, its chord texts.

Times are tenths of a millisecond, so that changes of tempo are seen as they are heard.
"""

from __future__ import annotations

from bisect import bisect_right
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import SongFileError
from engine.midifile import MidiFile, open_midi
from engine.picture.roll import Label, Lane, Roll, Stretch, colours, joined
from engine.song import KINDS
from engine.theory.gm import DRUM_CHANNEL, INSTRUMENTS

_SECOND = 10_000
LOUDNESS = (40, 70, 105)  # velocities from which a note is soft, normal, accented


def midi_roll(path: Path) -> Roll:
    """Return a MIDI file; raises SongFileError where it cannot be read or has no notes."""
    reading = _Reading(open_midi(path))
    if not reading.notes:
        raise SongFileError(f"{path} has no notes")
    return reading.roll(path.stem)


class _Reading:
    """What a file holds, in ticks."""

    def __init__(self, file: MidiFile) -> None:
        self._file = file
        self.notes: dict[tuple[int, int, int], list[tuple[int, int, int, int]]] = {}
        self.names: dict[int, str] = {}
        self.markers: list[tuple[int, str]] = []
        self.chords: list[tuple[int, str]] = []
        for number, track in enumerate(file.tracks):
            self._track(number, track)

    def _track(self, number: int, track: list[tuple[int, Any]]) -> None:
        programs: dict[int, int] = {}
        sounding: dict[tuple[int, int], tuple[int, int]] = {}
        for tick, message in track:
            kind = message.type
            if kind == "track_name":
                self.names[number] = message.name.strip()
            elif kind == "marker":
                self.markers.append((tick, message.text.strip()))
            elif kind == "text" and message.text.startswith("chord:"):
                self.chords.append((tick, message.text[6:].strip()))
            elif kind == "program_change":
                programs[message.channel] = message.program
            elif kind in ("note_on", "note_off"):
                key = (message.channel, message.note)
                if key in sounding:
                    start, velocity = sounding.pop(key)
                    place = (number, message.channel, programs.get(message.channel, 0))
                    self.notes.setdefault(place, []).append((start, max(tick, start + 1), message.note, velocity))
                if kind == "note_on" and message.velocity:
                    sounding[key] = (tick, message.velocity)

    def time(self, tick: int) -> int:
        """Return the moment of a tick."""
        return self._file.elapsed(tick) // (self._file.beat * 100)

    def roll(self, name: str) -> Roll:
        """Return all that was read."""
        bars = tuple(map(self.time, self._file.bars()))
        lanes = []
        titles = [self._title(*place) for place in self.notes]
        for place, title, colour in zip(self.notes, titles, colours(titles), strict=True):
            rows = [
                (self.time(start), max(self.time(end) - self.time(start), 1), pitch, bisect_right(LOUDNESS, velocity))
                for start, end, pitch, velocity in sorted(self.notes[place])
            ]
            lanes.append(Lane(title.lower(), title, colour, place[1] == DRUM_CHANNEL, np.array(rows, np.int64)))
        over, under = self._file.meters[0]
        beats = round(60e6 / self._file.tempos[0])
        minutes, seconds = divmod(round(bars[-1] / _SECOND), 60)
        return Roll(
            name,
            f"{_counted(len(lanes), 'track')}, {beats} bpm, {over}/{under}, {_counted(len(bars) - 1, 'bar')}, "
            f"{minutes}:{seconds:02}",
            _SECOND,
            bars,
            max(16 * over // under, 1),
            tuple(lanes),
            tuple(
                Stretch(at, length, text[:40] or "-", _kind(text), "", 0)
                for at, length, text in self._spans(self.markers, bars[-1])
            ),
            joined(Label(at, length, text[:12], "") for at, length, text in self._spans(self.chords, bars[-1])),
        )

    def _title(self, track: int, channel: int, program: int) -> str:
        drums = channel == DRUM_CHANNEL
        return self.names.get(track) or ("Drums" if drums else INSTRUMENTS[program])

    def _spans(self, told: list[tuple[int, str]], end: int) -> list[tuple[int, int, str]]:
        rows = [(self.time(tick), text) for tick, text in sorted(told)]
        ends = [*(at for at, _ in rows[1:]), end]
        return [(at, after - at, text) for (at, text), after in zip(rows, ends, strict=False) if after > at]


def _kind(text: str) -> str:
    plain = text.lower().replace("-", "").replace(" ", "")
    # "prechorus" holds "chorus": the longest name counts.
    return next((kind for kind in sorted(KINDS, key=len, reverse=True) if kind in plain), "other")


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
