"""The band at the desk: a channel for each part, treated as rock records treat it, and the room they share.

Levels are set so that the parts of the project's own songs stand to each other as docs/audio.md measures.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from engine.audio.dsp import Band, Compressor, Convolver, Drive, Echo, Equaliser, Signal, cabinet, room
from engine.audio.sampler import Sampler
from engine.audio.score import KEY, MUTED, Ints, Track
from engine.audio.soundfont import SoundFont

Device = Callable[[Signal], Signal]

_CLEAN_GUITAR, _MUTED_GUITAR = 27, 28
_DISTORTED = range(29, 31)
_KICKS, _SNARES = (35, 36), (37, 38, 39, 40)
# A closed cabinet of four twelve-inch loudspeakers, near enough.
_SPEAKER = (
    (60, 85, 120, 200, 400, 800, 1500, 2500, 3600, 4800, 6000, 8000, 12000),
    (0.1, 0.7, 1.15, 1.0, 0.8, 0.75, 0.95, 1.3, 1.25, 0.8, 0.25, 0.06, 0.01),
)


class Source(NamedTuple):
    """Where a sound comes from: its samplers, and the devices that make one signal of theirs."""

    samplers: tuple[Sampler, ...]
    devices: tuple[Device, ...]
    gain: float
    pan: float  # -1 .. 1
    mono: bool

    def block(self, first: int, count: int) -> Signal:
        """Return the next block, shape (2, count)."""
        raw = self.samplers[0].block(first, count)
        for sampler in self.samplers[1:]:
            raw += sampler.block(first, count)
        signal = (raw[0] + raw[1]) * np.float32(0.7071) if self.mono else raw
        for device in self.devices:
            signal = device(signal)
        angle = (self.pan + 1) * np.pi / 4
        # Equal power; in the middle nothing changes.
        sides = np.array([[np.cos(angle)], [np.sin(angle)]], np.float32) * np.float32(self.gain * 2**0.5)
        placed: Signal = signal * sides
        return placed


class Channel:
    """A track through its sources, its devices and its fader; and how much of it the room hears."""

    def __init__(self, track: Track, sources: tuple[Source, ...], devices: tuple[Device, ...], strip: Strip) -> None:
        self.name = track.name
        self._sources, self._devices = sources, devices
        self._gain = 10 ** (strip.level / 20) * (track.volume / strip.volume) ** 2
        self.send = np.float32(strip.send)
        self._levels = track.levels

    @property
    def sounding(self) -> bool:
        """Whether a sampler still has something to play."""
        return any(sampler.sounding for source in self._sources for sampler in source.samplers)

    def block(self, first: int, count: int) -> Signal:
        """Return the next block without the room, shape (2, count)."""
        signal = self._sources[0].block(first, count)
        for source in self._sources[1:]:
            signal += source.block(first, count)
        for device in self._devices:
            signal = device(signal)
        if self._levels:
            signal = signal * self._automation(first, count)
        found: Signal = signal * np.float32(self._gain)
        return found

    def _automation(self, first: int, count: int) -> Signal:
        at = [sample for sample, _ in self._levels]
        gains = [gain for _, gain in self._levels]
        edges = np.arange(0, count + 441, 441) + first  # steps of 10 ms, joined by straight lines
        steps = np.array(gains)[np.maximum(np.searchsorted(at, edges, side="right") - 1, 0)]
        return np.asarray(np.interp(np.arange(first, first + count), edges, steps), np.float32)


class Strip(NamedTuple):
    """What is set at a channel of the desk: fader (dB), the volume (0..127) that means it, share sent to the room."""

    level: float
    volume: int
    send: float


STRIPS = {
    "melody": Strip(0.0, 110, 0.16),
    "lead": Strip(-3.0, 92, 0.16),
    "rhythm": Strip(-6.0, 80, 0.05),
    "bass": Strip(-3.0, 104, 0.0),
    "drums": Strip(0.0, 108, 0.07),
    "clean": Strip(-3.0, 100, 0.15),
    "keys": Strip(-6.0, 100, 0.15),
    "click": Strip(0.0, 100, 0.0),
}


def channel(track: Track, font: SoundFont) -> Channel:
    """Return the channel of a track."""
    strip = STRIPS[track.role]
    build = {"drums": _drums, "bass": _bass, "rhythm": _rhythm, "lead": _lead, "melody": _melody}.get(
        track.role, _plain
    )
    sources, devices = build(track, font)
    return Channel(track, sources, devices, strip)


def reverb() -> Convolver:
    """Return the room that all parts stand in."""
    return Convolver(room())


_Built = tuple[tuple[Source, ...], tuple[Device, ...]]


def _pan(track: Track) -> float:
    return (track.pan - 64) / 63


def _sampler(track: Track, font: SoundFont) -> Sampler:
    return Sampler(font, track.bank, track.program, track.notes)


def _plain(track: Track, font: SoundFont) -> _Built:
    source = Source((_sampler(track, font),), (), 1.0, _pan(track), False)
    return (source,), (Equaliser([Band("cut low", 70), Band("peak", 350, -1.5, 0.8)]), Compressor(-18, 2, 0.01, 60))


def _melody(track: Track, font: SoundFont) -> _Built:
    sampler = Sampler(font, track.bank, track.program, track.notes, vibrato=(14.0, 0.28, 5.4))
    tone = Equaliser(
        [Band("cut low", 110), Band("peak", 300, -2, 0.9), Band("peak", 2800, 3, 0.8), Band("high", 8000, 2)]
    )
    source = Source((sampler,), (tone, Compressor(-22, 3.5, 0.006, 60)), 1.0, _pan(track), False)
    return (source,), ()


def _bass(track: Track, font: SoundFont) -> _Built:
    devices = (
        Equaliser([Band("cut low", 32), Band("peak", 250, -3, 0.9), Band("peak", 900, 3, 0.8)]),
        Compressor(-26, 4, 0.012, 50),
        Drive((1.6,)),
        Equaliser([Band("peak", 80, 2.5, 0.8), Band("cut high", 5200)]),
    )
    return (Source((_sampler(track, font),), devices, 1.0, _pan(track), True),), ()


def _drums(track: Track, font: SoundFont) -> _Built:
    def only(keys: tuple[int, ...], others: bool = False) -> Sampler:
        rows = np.isin(track.notes[:, KEY], keys) != others
        return Sampler(font, track.bank, track.program, track.notes[rows])

    kick = Equaliser([Band("peak", 62, 4, 0.9), Band("peak", 380, -5, 0.8), Band("peak", 3600, 5, 0.9)])
    snare = Equaliser([Band("cut low", 90), Band("peak", 200, 2.5, 0.9), Band("peak", 5000, 4, 0.7)])
    rest = Equaliser([Band("cut low", 70), Band("peak", 450, -3, 0.7), Band("high", 7000, 2.5)])
    sources = (
        Source((only(_KICKS),), (kick, Compressor(-14, 4, 0.012, 120)), 1.4, 0.0, True),
        Source((only(_SNARES),), (snare, Compressor(-14, 4, 0.008, 120)), 1.3, 0.0, True),
        Source((only(_KICKS + _SNARES, True),), (rest,), 1.0, 0.0, False),
    )
    return sources, (Compressor(-12, 2.5, 0.010, 80),)


def _amplified(
    track: Track, font: SoundFont, notes: Ints, gains: tuple[float, ...], pan: float, cents: float
) -> Source:
    """Return a guitar through an amplifier and a loudspeaker: muted strokes from the sound of a muted guitar."""
    muted = notes[:, MUTED] > 0
    samplers = (
        Sampler(font, track.bank, _CLEAN_GUITAR, notes[~muted], cents),
        Sampler(font, track.bank, _MUTED_GUITAR, notes[muted], cents),
    )
    devices = (
        Equaliser([Band("cut low", 100), Band("peak", 750, 4, 0.7)]),
        Drive(gains, 0.08),
        Convolver(cabinet(*_SPEAKER)),
    )
    return Source(samplers, devices, 1.0, pan, True)


def _rhythm(track: Track, font: SoundFont) -> _Built:
    if track.program not in _DISTORTED:
        return _plain(track, font)
    gains = (14.0, 5.0) if track.program == 30 else (8.0, 2.5)
    takes = (
        _amplified(track, font, track.notes, gains, -0.85, -3.0),
        _amplified(track, font, track.again, gains, 0.85, 4.0),
    )
    tone = Equaliser([Band("cut low", 85), Band("peak", 320, -2, 0.8), Band("peak", 2600, -2, 0.9)])
    return takes, (tone, Compressor(-16, 2, 0.02, 40))


def _lead(track: Track, font: SoundFont) -> _Built:
    if track.program not in _DISTORTED:
        return _plain(track, font)
    source = _amplified(track, font, track.notes, (12.0, 3.0), _pan(track), 0.0)
    tone = Equaliser([Band("cut low", 130), Band("peak", 1500, 1.5, 0.8)])
    return (source,), (tone, Compressor(-16, 2.5, 0.01, 40), _Wet(Echo(0.34, 0.35), 0.16))


class _Wet:
    """A device heard beside what goes into it."""

    def __init__(self, device: Device, share: float) -> None:
        self._device, self._share = device, np.float32(share)

    def __call__(self, signal: Signal) -> Signal:
        found: Signal = signal + self._device(signal) * self._share
        return found
