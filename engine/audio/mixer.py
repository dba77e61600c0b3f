"""The desk: channels with faders, the room they share, and the hand that makes way for the voice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.signal import lfilter

from engine.audio.dsp import HOP, Convolver, Signal, hop_peaks, ramps, room, total
from engine.audio.loudness import Floats
from engine.audio.sampler import Player
from engine.audio.wave import RATE

Device = Callable[[Signal], Signal]

_SINGS = 10 ** (-38 / 20)  # the level from which the voice is there
_ATTACK, _RELEASE = 0.05, 0.5  # seconds in which the hand is down, and up again


class Strip(NamedTuple):
    """What is set at a channel: fader (dB), the volume (0..127) that means it, share sent to the room.

    back: dB by which it steps back while the voice sings. leads: whether it is the voice.
    """

    level: float
    volume: int
    send: float
    back: float = 0.0
    leads: bool = False


class Source(NamedTuple):
    """Where a sound comes from: players with their gains, the devices that make one signal of theirs, its place.

    pan: -1 left .. 1 right. mono: both sides are made one before the devices.
    """

    players: tuple[tuple[Player, float], ...]
    devices: tuple[Device, ...] = ()
    pan: float = 0.0
    mono: bool = False
    gain: float = 1.0

    def block(self, first: int, count: int) -> Signal:
        """Return the next block, shape (2, count)."""
        signal = total(player.block(first, count) * np.float32(gain) for player, gain in self.players)
        if self.mono:
            signal = (signal[0] + signal[1]) * np.float32(0.5**0.5)
        for device in self.devices:
            signal = device(signal)
        angle = (self.pan + 1) * np.pi / 4
        # Equal power; in the middle nothing changes.
        sides = np.array([[np.cos(angle)], [np.sin(angle)]], np.float32) * np.float32(self.gain * 2**0.5)
        return np.asarray(signal * sides, np.float32)


class Channel:
    """A part: its sources through its devices and its fader.

    volume: that of the part, 0..127. levels: (sample, gain) where a controller moved the fader.
    """

    def __init__(
        self,
        name: str,
        strip: Strip,
        sources: Sequence[Source],
        devices: Sequence[Device] = (),
        volume: int = 100,
        levels: Sequence[tuple[int, float]] = (),
    ) -> None:
        self.name, self.strip = name, strip
        self._sources, self._devices = sources, devices
        self._gain = np.float32(10 ** (strip.level / 20) * (volume / strip.volume) ** 2)
        self._levels = levels

    @property
    def sounding(self) -> bool:
        """Whether a player still has something to play."""
        return any(player.sounding for source in self._sources for player, _ in source.players)

    def block(self, first: int, count: int) -> Signal:
        """Return the next block without the room, shape (2, count)."""
        signal = total(source.block(first, count) for source in self._sources)
        for device in self._devices:
            signal = device(signal)
        if self._levels:
            signal = signal * self._automation(first, count)
        return np.asarray(signal * self._gain, np.float32)

    def _automation(self, first: int, count: int) -> Signal:
        at = [sample for sample, _ in self._levels]
        gains = np.array([gain for _, gain in self._levels])
        # Steps of one hop, joined by straight lines.
        edges = np.arange(first, first + count + 1, HOP)
        return ramps(gains[np.maximum(np.searchsorted(at, edges, side="right") - 1, 0)])


class Desk:
    """Plays channels block by block. apart: each has a room of its own, so that they can be had one by one."""

    def __init__(self, channels: Sequence[Channel], apart: bool = False) -> None:
        self._channels = channels
        self._room = Convolver(room())
        self._rooms = [Convolver(room()) for _ in channels] if apart else []
        self._hand = _Hand()

    @property
    def sounding(self) -> bool:
        """Whether a player still has something to play."""
        return any(channel.sounding for channel in self._channels)

    def block(self, first: int, count: int) -> tuple[list[Signal], Signal]:
        """Return the next block: each channel with its share of the room if they are wanted apart, and the mix."""
        dry = [channel.block(first, count) for channel in self._channels]
        voice = [signal for signal, channel in zip(dry, self._channels, strict=True) if channel.strip.leads]
        if voice:
            presence = self._hand.follow(total(voice))
            for number, channel in enumerate(self._channels):
                if channel.strip.back:
                    dry[number] = dry[number] * ramps(10 ** (-channel.strip.back / 20 * presence))
        sends = [s * np.float32(channel.strip.send) for s, channel in zip(dry, self._channels, strict=True)]
        wet = [signal + own(send) for signal, own, send in zip(dry, self._rooms, sends, strict=bool(self._rooms))]
        return wet, total((*dry, self._room(total(sends))))


class _Hand:
    """Knows how much the voice is there, 0 to 1, at the edges of hops."""

    def __init__(self) -> None:
        self._held, self._smooth, self._last = 0.0, np.zeros(1), 0.0

    def follow(self, voice: Signal) -> Floats:
        there = (hop_peaks(voice) > _SINGS).astype(np.float64)
        steps = np.arange(1, len(there) + 1) * (HOP / (_RELEASE * RATE))
        held = np.maximum(np.maximum(np.maximum.accumulate(there + steps), self._held) - steps, 0)
        self._held = float(held[-1])
        keep = float(np.exp(-HOP / (_ATTACK * RATE)))
        smooth, self._smooth = lfilter([1 - keep], [1, -keep], held, zi=self._smooth)
        edges = np.concatenate(((self._last,), smooth))
        self._last = float(smooth[-1])
        return edges
