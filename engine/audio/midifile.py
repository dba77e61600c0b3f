"""Any MIDI file as a score: what its channels are set to, and when."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from engine.audio.score import Score, Track, ordered, role_of
from engine.audio.soundfont import DRUM_BANK
from engine.audio.wave import RATE
from engine.errors import SongFileError
from engine.midifile import MidiFile, open_midi
from engine.theory.gm import DRUM_CHANNEL


def midi_score(path: Path) -> Score:
    """Return a MIDI file: notes, programs, volume, expression, pan, pedal, bends and changes of tempo.

    One track for each program that plays on a channel of a track. Raises SongFileError.
    """
    file = open_midi(path)
    players: dict[tuple[int, int, int], _Player] = {}
    for number, track in enumerate(file.tracks):
        _read_track(number, track, file, players)
    tracks = tuple(player.track() for player in players.values() if player.notes)
    if not tracks:
        raise SongFileError(f"{path} has no notes")
    over, under = file.meters[0]
    beats = (file.beat * 4 * k // under for k in range(over))
    return Score(
        _named_apart(tracks),
        tuple(_samples(file, tick) for tick in file.bars()),
        tuple(_samples(file, tick) for tick in beats),
    )


def _samples(file: MidiFile, tick: int) -> int:
    return (file.elapsed(tick) * RATE * 2 // file.beat + 1_000_000) // 2_000_000


class _Player:
    """What one program plays on one channel of a track."""

    def __init__(self, name: str, channel: int, program: int, state: _Channel) -> None:
        self.name, self._channel, self._program, self._state = name, channel, program, state
        self.notes: list[tuple[int, int, int, int, int]] = []

    def track(self) -> Track:
        drums = self._channel == DRUM_CHANNEL
        name = self.name or ("drums" if drums else f"channel {self._channel + 1}")
        role = "drums" if drums else role_of(name, self._program)
        state = self._state
        notes = ordered(np.array(self.notes, np.int64))
        levels = tuple(state.levels) if len(state.levels) > 1 else ()
        volume = 100 if levels else state.volume
        bank = DRUM_BANK if drums else 0
        program = self._program
        return Track(name, role, bank, program, notes, volume, state.pan, tuple(state.bends), levels)


class _Channel:
    """The controllers of a channel as they stand, and how they got there."""

    def __init__(self) -> None:
        self.program, self.volume, self.expression, self.pan, self.reach = 0, 100, 127, 64, 2.0
        self.bends: list[tuple[int, float]] = []
        self.levels: list[tuple[int, float]] = []
        self.pedal = False
        self.sounding: dict[int, tuple[int, int, int]] = {}
        self.hanging: list[tuple[int, int, int, int]] = []
        self.register = (127, 127)

    def control(self, number: int, value: int, at: int, started: bool) -> None:
        if number == 7:
            self.volume = value
        elif number == 11:
            self.expression = value
        elif number == 10 and not started:
            self.pan = value
        elif number in (100, 101):
            self.register = (value, self.register[1]) if number == 101 else (self.register[0], value)
        elif number == 6 and self.register == (0, 0):
            self.reach = float(min(value, 24))
        if number in (7, 11):
            gain = (self.volume / 100) ** 2 * (self.expression / 127) ** 2
            if not started:
                self.levels = []
            if not self.levels or self.levels[-1][1] != gain:
                self.levels.append((at if started else 0, gain))


def _read_track(
    number: int, track: list[tuple[int, Any]], file: MidiFile, players: dict[tuple[int, int, int], _Player]
) -> None:
    tick, name = 0, ""
    channels: dict[int, _Channel] = {}

    def close(channel: int, key: int, at: int) -> None:
        state = channels[channel]
        start, velocity, program = state.sounding.pop(key)
        place = (number, channel, program)
        player = players.setdefault(place, _Player(name, channel, program, state))
        player.notes.append((start, max(at, start + 1), key, velocity, 0))

    for tick, message in track:
        if message.type == "track_name":
            name = message.name.strip()
        if not hasattr(message, "channel"):
            continue
        at = _samples(file, tick)
        state = channels.setdefault(message.channel, _Channel())
        started = any(place[:2] == (number, message.channel) for place in players) or bool(state.sounding)
        if message.type == "program_change":
            state.program = message.program
        elif message.type == "pitchwheel":
            state.bends.append((at, message.pitch / 8192 * state.reach))
        elif message.type == "control_change" and message.control == 64:
            state.pedal = message.value >= 64
            if not state.pedal:
                for key in [key for key, note in state.sounding.items() if note[1] < 0]:
                    state.sounding[key] = (state.sounding[key][0], -state.sounding[key][1], state.sounding[key][2])
                    close(message.channel, key, at)
        elif message.type == "control_change":
            state.control(message.control, message.value, at, started)
        elif message.type in ("note_on", "note_off"):
            key = message.note
            if key in state.sounding and ((message.type == "note_on" and message.velocity) or not state.pedal):
                held = state.sounding[key]
                state.sounding[key] = (held[0], abs(held[1]), held[2])
                close(message.channel, key, at)
            elif key in state.sounding:
                # The pedal holds what the hand let go; a velocity below nothing marks it.
                held = state.sounding[key]
                state.sounding[key] = (held[0], -abs(held[1]), held[2])
            if message.type == "note_on" and message.velocity:
                state.sounding[key] = (at, message.velocity, state.program)
    for channel, state in channels.items():
        for key in list(state.sounding):
            held = state.sounding[key]
            state.sounding[key] = (held[0], abs(held[1]), held[2])
            close(channel, key, _samples(file, tick))


def _named_apart(tracks: tuple[Track, ...]) -> tuple[Track, ...]:
    seen: dict[str, int] = {}
    found = []
    for track in tracks:
        seen[track.name] = seen.get(track.name, 0) + 1
        again = f" {seen[track.name]}" if seen[track.name] > 1 else ""
        found.append(track._replace(name=track.name + again))
    return tuple(found)
