"""FluidSynth as the player, where it is installed: each part is a process that writes its sound to a pipe.

Its LFOs, modulators and envelopes are whole, and its fonts may be as large as they like; the desk is the same.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import IO

import numpy as np

from engine.audio.riff import read_riff
from engine.audio.sampler import Bends, Play, Player
from engine.audio.score import END, KEY, START, VELOCITY, Ints
from engine.audio.soundfont import DRUM_BANK, Wave
from engine.audio.wave import PLAIN, RATE, Style
from engine.errors import AudioError
from engine.theory.gm import DRUM_CHANNEL

_TICKS = 30_000  # a second: beats of one second, as fine as the format allows
_AFTER = 12  # seconds after the last note in which it may ring
_REACH = 24  # semitones of the pitch wheel
_FONTS = (
    "/usr/share/sounds/sf2/FluidR3_GM.sf2",
    "/usr/share/sounds/sf2/default-GM.sf2",
    "/usr/share/soundfonts/FluidR3_GM.sf2",
    "/usr/share/soundfonts/default.sf2",
    "/usr/share/sounds/sf3/default-GM.sf3",
    "/opt/homebrew/share/soundfonts/default.sf2",
    "/usr/local/share/soundfonts/default.sf2",
)


def fluid(font: Path | None) -> Play:
    """Return what gives players of FluidSynth; raises AudioError where it or a font is missing."""
    program = shutil.which("fluidsynth")
    if program is None:
        raise AudioError("FluidSynth is not installed", "install it, or leave out --fluidsynth")
    path = font or next((Path(known) for known in _FONTS if Path(known).is_file()), None)
    if path is None or not path.is_file():
        raise AudioError(f"cannot read the SoundFont {path or 'of this machine'}", "name one with --soundfont")
    read_riff(path)  # FluidSynth plays silence where it cannot read a font
    command, found = program, path

    def play(
        bank: int, program: int, notes: Ints, cents: float = 0.0, style: Style = PLAIN, bends: Bends = ()
    ) -> Player:
        if not len(notes):
            return _Rest()
        return _Process(command, found, _file(bank, program, notes, cents, bends))

    return play


class _Rest:
    """A player who does not play."""

    sounding = False

    def block(self, first: int, count: int) -> Wave:
        return np.zeros((2, count), np.float32)


class _Process:
    """A running FluidSynth and the sound it has not yet been asked for."""

    def __init__(self, command: str, font: Path, midi: bytes) -> None:
        with tempfile.NamedTemporaryFile(suffix=".mid") as file:
            file.write(midi)
            file.flush()
            words = [command, "-n", "-i", "-q", "-R", "0", "-C", "0", "-g", "1.0", "-r", str(RATE)]
            words += ["-o", "synth.dynamic-sample-loading=1", "-T", "raw", "-O", "float", "-F", "-"]
            words += [str(font), file.name]
            self._process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            self._sound: IO[bytes] = self._process.stdout  # type: ignore[assignment]
            # It has read the file when it sounds.
            self._begun = self._sound.read(8)
        self._at = 0
        self.sounding = len(self._begun) == 8
        if not self.sounding:
            self._end()
            raise AudioError(f"FluidSynth cannot play the SoundFont {font}", "name an .sf2 or .sf3 file")

    def __del__(self) -> None:
        if getattr(self, "sounding", False):
            self._end()

    def block(self, first: int, count: int) -> Wave:
        out = np.zeros((2, count), np.float32)
        skipped = max(-first, 0)
        if first > self._at:
            self._read(first - self._at)
        if count > skipped:
            found = self._read(count - skipped)
            out[:, skipped : skipped + found.shape[1]] = found
        return out

    def _read(self, count: int) -> Wave:
        self._at += count
        if not self.sounding:
            return np.zeros((2, 0), np.float32)
        data = self._begun + self._sound.read(8 * count - len(self._begun))
        self._begun = b""
        if len(data) < 8 * count:
            self._end()
        return np.asarray(np.frombuffer(data[: len(data) // 8 * 8], np.float32).reshape(-1, 2).T)

    def _end(self) -> None:
        self.sounding = False
        self._sound.close()
        self._process.kill()
        self._process.wait()


def _file(bank: int, program: int, notes: Ints, cents: float, bends: Bends) -> bytes:
    """Return the notes as a MIDI file for one channel."""
    channel = DRUM_CHANNEL if bank == DRUM_BANK else 0
    events = [(0, bytes((0xB0 | channel, number, value))) for number, value in ((7, 127), (11, 127), (10, 64))]
    events += [(0, bytes((0xB0 | channel, number, value))) for number, value in ((101, 0), (100, 0), (6, _REACH))]
    events += [(0, bytes((0xC0 | channel, program)))]
    for at, height in ((0, 0.0), *bends):
        wheel = round(8192 * (1 + (height + cents / 100) / _REACH))
        wheel = min(max(wheel, 0), 16383)
        events.append((_ticks(at), bytes((0xE0 | channel, wheel & 127, wheel >> 7))))
    for start, end, key, velocity in notes[:, [START, END, KEY, VELOCITY]].tolist():
        events.append((_ticks(start), bytes((0x90 | channel, key, velocity))))
        events.append((max(_ticks(end), _ticks(start) + 1), bytes((0x80 | channel, key, 64))))
    # At one time a note ends before the next begins, and the wheel turns before both.
    events.sort(key=lambda event: (event[0], event[1][0] & 0x70 == 0x10, event[1][0] & 0x70 == 0))
    track = bytearray(b"\0\xff\x51\x03" + (1_000_000).to_bytes(3, "big"))
    now = 0
    for tick, message in events:
        track += _delta(tick - now) + message
        now = tick
    track += _delta(_AFTER * _TICKS) + b"\xff\x2f\0"
    head = b"MThd" + (6).to_bytes(4, "big") + (0).to_bytes(2, "big") + (1).to_bytes(2, "big")
    return head + _TICKS.to_bytes(2, "big") + b"MTrk" + len(track).to_bytes(4, "big") + bytes(track)


def _ticks(sample: int) -> int:
    return (sample * _TICKS + RATE // 2) // RATE


def _delta(number: int) -> bytes:
    found = [number & 127]
    while number := number >> 7:
        found.append(number & 127 | 128)
    return bytes(reversed(found))
