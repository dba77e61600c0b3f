"""Any MIDI file as something to look at: its tracks, its markers as sections, its chord texts.

Times are tenths of a millisecond, so that changes of tempo are seen as they are heard.
"""

from __future__ import annotations

from bisect import bisect_right
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import SongFileError
from engine.picture.roll import Label, Lane, Roll, Stretch, colours, joined
from engine.song import KINDS
from engine.theory.gm import DRUM_CHANNEL, INSTRUMENTS

_SECOND = 10_000
_LONGEST = 3 * 3600
LOUDNESS = (40, 70, 105)  # velocities from which a note is soft, normal, accented


def midi_roll(path: Path) -> Roll:
    """Return a MIDI file; raises SongFileError where it cannot be read or has no notes."""
    import mido

    try:
        file = mido.MidiFile(str(path), clip=True)
    except (OSError, EOFError, ValueError, KeyError, IndexError) as error:
        reason = getattr(error, "strerror", None) or str(error) or "it is no MIDI file"
        raise SongFileError(f"cannot read {path}: {reason.lower()}") from error
    if file.ticks_per_beat < 1 or file.type == 2:
        raise SongFileError(f"cannot read {path}: its time is not in beats")
    reading = _Reading(file)
    if not reading.notes:
        raise SongFileError(f"{path} has no notes")
    if reading.time(reading.end) > _LONGEST * _SECOND:
        raise SongFileError(f"{path} is longer than three hours")
    return reading.roll(path.stem)


class _Reading:
    """What a file holds, in ticks, and its tempo map."""

    def __init__(self, file: Any) -> None:
        self.beat: int = file.ticks_per_beat
        self.notes: dict[tuple[int, int, int], list[tuple[int, int, int, int]]] = {}
        self.names: dict[int, str] = {}
        self.markers: list[tuple[int, str]] = []
        self.chords: list[tuple[int, str]] = []
        self.meters, self.end = {0: (4, 4)}, 0
        tempos = {0: 500_000}
        for number, track in enumerate(file.tracks):
            self._track(number, track, tempos)
        self._ticks = sorted(tempos)
        self._micros = [tempos[tick] for tick in self._ticks]
        self._at = [0]
        for tick, after, micros in zip(self._ticks, self._ticks[1:], self._micros, strict=False):
            self._at.append(self._at[-1] + (after - tick) * micros)

    def _track(self, number: int, track: Any, tempos: dict[int, int]) -> None:
        tick = 0
        programs: dict[int, int] = {}
        sounding: dict[tuple[int, int], tuple[int, int]] = {}
        for message in track:
            tick += message.time
            kind = message.type
            if kind == "track_name":
                self.names[number] = message.name.strip()
            elif kind == "marker":
                self.markers.append((tick, message.text.strip()))
            elif kind == "text" and message.text.startswith("chord:"):
                self.chords.append((tick, message.text[6:].strip()))
            elif kind == "set_tempo" and message.tempo:
                tempos[tick] = message.tempo
            elif kind == "time_signature" and message.numerator:
                self.meters[tick] = (message.numerator, message.denominator)
            elif kind == "program_change":
                programs[message.channel] = message.program
            elif kind in ("note_on", "note_off"):
                key = (message.channel, message.note)
                if key in sounding:
                    start, velocity = sounding.pop(key)
                    place = (number, message.channel, programs.get(message.channel, 0))
                    self.notes.setdefault(place, []).append((start, max(tick, start + 1), message.note, velocity))
                    self.end = max(self.end, tick, start + 1)
                if kind == "note_on" and message.velocity:
                    sounding[key] = (tick, message.velocity)

    def time(self, tick: int) -> int:
        """Return the moment of a tick."""
        k = bisect_right(self._ticks, tick) - 1
        return (self._at[k] + (tick - self._ticks[k]) * self._micros[k]) // (self.beat * 100)

    def roll(self, name: str) -> Roll:
        """Return all that was read."""
        ticks = self._bars()
        bars = tuple(map(self.time, ticks))
        lanes = []
        titles = [self._title(*place) for place in self.notes]
        for place, title, colour in zip(self.notes, titles, colours(titles), strict=True):
            rows = [
                (self.time(start), max(self.time(end) - self.time(start), 1), pitch, bisect_right(LOUDNESS, velocity))
                for start, end, pitch, velocity in sorted(self.notes[place])
            ]
            lanes.append(Lane(title.lower(), title, colour, place[1] == DRUM_CHANNEL, np.array(rows, np.int64)))
        over, under = self.meters[0]
        beats = round(60e6 / self._micros[0])
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

    def _bars(self) -> list[int]:
        ticks = [0]
        starts = sorted(self.meters)
        while ticks[-1] < self.end:
            over, under = self.meters[starts[bisect_right(starts, ticks[-1]) - 1]]
            ticks.append(ticks[-1] + max(self.beat * 4 * over // under, 1))
        return ticks

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
