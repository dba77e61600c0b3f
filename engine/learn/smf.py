"""MIDI bytes to ``Raw``: symusic where the file is sound, our own forgiving reader where it is not.

Sizes are looked at before anything is parsed, so that no file costs more than its share of time and memory.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np

from engine.learn.raw import LENGTH, MAX_NOTES, PITCH, START, VELOCITY, Ints, Raw, RawTrack, Unheard

MAX_BYTES = 4_000_000
_MAX_EVENTS = 400_000  # the forgiving reader takes two microseconds each
_DEFAULT_DIVISION = 480


def read_midi(data: bytes, name: str) -> Raw:
    """Return what MIDI bytes hold; raises Unheard with the reason when that is nothing."""
    if len(data) > MAX_BYTES:
        raise Unheard(f"is too large for a song: {len(data) / 1e6:.1f} MB, at most {MAX_BYTES / 1e6:g}")
    if not data:
        raise Unheard("is empty")
    problems: list[str] = []
    data = _unwrapped(data)
    start = data.find(b"MThd", 0, 4096)
    if start < 0 and data.find(b"MTrk") < 0:
        raise Unheard("is not a MIDI file (no MThd header)")
    if start > 0:
        problems.append(f"{start} bytes before the header were passed over")
    data = data[max(start, 0) :]
    data = _with_division(data, problems)
    if not problems:
        found = _by_symusic(data, name)
        if found is not None:
            return found
    return _forgiving(data, name, problems)


def _unwrapped(data: bytes) -> bytes:
    # RIFF MIDI (.rmi): the file lies whole inside a chunk.
    if data[:4] == b"RIFF" and data[8:12] == b"RMID":
        return data[max(data.find(b"MThd"), 0) :]
    return data


def _with_division(data: bytes, problems: list[str]) -> bytes:
    # A division of zero or less than nothing stops every parser. SMPTE division counts ticks a second: as such a
    # file knows no beats, a quarter is half a second until the beats are looked for.
    if len(data) < 14 or data[:4] != b"MThd":
        return data
    division = struct.unpack(">H", data[12:14])[0]
    if division & 0x8000:
        frames, ticks = 256 - (division >> 8), division & 0xFF
        division = min(0x7FFF, frames * ticks // 2)
        problems.append("times are SMPTE frames, not beats")
    elif division >= 12:
        return data
    if division < 12:
        problems.append(f"{division} ticks to the quarter cannot be; {_DEFAULT_DIVISION} were taken")
        division = _DEFAULT_DIVISION
    return data[:12] + struct.pack(">H", division) + data[14:]


def _by_symusic(data: bytes, name: str) -> Raw | None:
    from symusic import Score

    try:
        score: Any = Score.from_midi(data)
    except (RuntimeError, ValueError, MemoryError):
        return None
    if sum(len(track.notes) for track in score.tracks) > MAX_NOTES:
        raise Unheard(f"holds more than {MAX_NOTES:,} notes")
    tracks = []
    for track in score.tracks:
        if not len(track.notes):
            continue
        columns = track.notes.numpy()
        notes = np.empty((len(track.notes), 4), np.int64)
        for column, key in ((START, "time"), (LENGTH, "duration"), (PITCH, "pitch"), (VELOCITY, "velocity")):
            notes[:, column] = columns[key]
        tracks.append(RawTrack(notes, track.name, -1 if track.is_drum else int(track.program), bool(track.is_drum)))
    return Raw(
        name,
        int(score.tpq),
        tuple(tracks),
        tuple((int(mark.time), int(mark.mspq)) for mark in score.tempos),
        tuple((int(mark.time), int(mark.numerator), int(mark.denominator)) for mark in score.time_signatures),
        tuple((int(mark.time), int(mark.key), bool(mark.tonality)) for mark in score.key_signatures),
        tuple((int(mark.time), str(mark.text)) for mark in score.markers),
    )


class _Reader:
    """What the forgiving reader has found so far."""

    def __init__(self) -> None:
        self.notes: dict[tuple[int, int, int], list[tuple[int, int, int, int]]] = {}
        self.names: dict[int, str] = {}
        self.tempos: list[tuple[int, int]] = []
        self.meters: list[tuple[int, int, int]] = []
        self.keys: list[tuple[int, int, bool]] = []
        self.markers: list[tuple[int, str]] = []
        self.channels: set[int] = set()
        self.events = 0
        self.problems: list[str] = []

    def track(self, number: int, data: memoryview) -> None:
        """Read the events of one track until they end or make no sense."""
        at, tick, status, size = 0, 0, 0, len(data)
        programs: dict[int, int] = {}
        sounding: dict[tuple[int, int], tuple[int, int]] = {}
        while at < size:
            self.events += 1
            if self.events > _MAX_EVENTS:
                raise Unheard(f"is damaged and holds more than {_MAX_EVENTS:,} events")
            delta, at = _number(data, at)
            tick += delta
            if tick > 1 << 40 or at >= size:
                break
            byte = data[at]
            if byte >= 0x80:
                at += 1
                if byte < 0xF0:
                    status = byte
            elif not status:
                at += 1  # data without an event: look for the next one
                continue
            kind = (byte if byte >= 0xF0 else status) & 0xF0
            if kind == 0xF0:
                if byte == 0xFF:
                    if at >= size:
                        break
                    meta = data[at]
                    length, at = _number(data, at + 1)
                    if at + length > size:
                        break
                    self._meta(number, meta, tick, bytes(data[at : at + min(length, 256)]))
                    at += length
                    if meta == 0x2F:
                        break
                elif byte in (0xF0, 0xF7):
                    length, at = _number(data, at)
                    at += length
                continue
            width = 1 if kind in (0xC0, 0xD0) else 2
            if at + width > size:
                break
            channel, one = status & 0x0F, data[at] & 0x7F
            self.channels.add(channel)
            if kind == 0xC0:
                programs[channel] = one
            elif kind in (0x80, 0x90):
                velocity = data[at + 1] & 0x7F if kind == 0x90 else 0
                struck = sounding.pop((channel, one), None)
                if struck:
                    place = (number, channel, programs.get(channel, -1))
                    self.notes.setdefault(place, []).append((struck[0], max(1, tick - struck[0]), one, struck[1]))
                if velocity:
                    sounding[channel, one] = (tick, velocity)
            at += width

    def _meta(self, number: int, meta: int, tick: int, data: bytes) -> None:
        if meta == 0x03:
            self.names.setdefault(number, data.decode("latin-1").strip())
        elif meta == 0x06:
            self.markers.append((tick, data.decode("latin-1").strip()))
        elif meta == 0x51 and len(data) == 3:
            self.tempos.append((tick, int.from_bytes(data, "big")))
        elif meta == 0x58 and len(data) >= 2:
            self.meters.append((tick, data[0], 1 << min(data[1], 7)))
        elif meta == 0x59 and len(data) >= 2:
            self.keys.append((tick, data[0] - 256 if data[0] > 127 else data[0], data[1] == 1))


def channels(tracks: Iterable[bytes]) -> tuple[frozenset[int], frozenset[int]]:
    """Return the channels that have notes in the bytes of tracks, and those that have anything."""
    reader = _Reader()
    for number, data in enumerate(tracks):
        reader.track(number, memoryview(data))
    return frozenset(channel for _, channel, _ in reader.notes), frozenset(reader.channels)


def _forgiving(data: bytes, name: str, problems: list[str]) -> Raw:
    # Tracks are found by their names, as lengths are what damage hits first.
    division = struct.unpack(">H", data[12:14])[0] if len(data) >= 14 and data[:4] == b"MThd" else _DEFAULT_DIVISION
    reader = _Reader()
    view = memoryview(data)
    # What comes before the first of them is the header.
    chunks = [match.start() for match in re.finditer(b"MTrk", data)]
    for number, (first, after) in enumerate(pairwise([*chunks, len(data)])):
        reader.track(number, view[first + 8 : after])
    count = sum(map(len, reader.notes.values()))
    if not count:
        raise Unheard("is damaged: no note could be read" if len(data) > 30 else "holds no notes")
    if not problems:
        problems.append(f"the file is damaged; {count:,} notes could be read")
    tracks = tuple(
        RawTrack(_table(notes), reader.names.get(number, ""), -1 if channel == 9 else program, channel == 9)
        for (number, channel, program), notes in sorted(reader.notes.items())
    )
    return Raw(
        name,
        division,
        tracks,
        tuple(reader.tempos),
        tuple(reader.meters),
        tuple(reader.keys),
        tuple(reader.markers),
        problems=tuple(problems),
    )


def _table(notes: list[tuple[int, int, int, int]]) -> Ints:
    return np.array(notes, np.int64).reshape(-1, 4)


def _number(data: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for step in range(4):
        if at + step >= len(data):
            return value, len(data)
        byte = data[at + step]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + step + 1
    return value, at + 4
