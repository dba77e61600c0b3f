"""One key of one zone as sound: resampled, looped, filtered, under its envelope, and kept for the next time.

A rock song strikes few keys often. So the whole note, envelope and all, is made once for each key, and each
stroke is a product by its loudness.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from engine.audio.soundfont import BEYOND, SoundFont, Wave, Zone

RATE = 44_100
_STEP = 1 << 14  # samples by which a note that is kept grows
_KEPT = RATE * 12  # samples of a note that are kept; what sounds longer is made anew each time
_SILENT = 90.0  # dB below a note's top at which it is over
_SHORTEST = 0.004  # seconds of attack and release at least, or there are clicks
_WARM = 4_096  # samples after which a filter has forgotten how it began


class Style(NamedTuple):
    """How a player sounds the font's notes.

    vibrato: cents, seconds until it sets in, Hz; in place of the font's own unless it is nothing. release: seconds
    that a note may ring after its end at most.
    """

    vibrato: tuple[float, float, float] = (0.0, 0.0, 0.0)
    release: float = 6.0


PLAIN = Style()


class Place(NamedTuple):
    """How far a note that is bent has come in its sample, and how its filter stands."""

    position: float
    state: NDArray[np.float64]


class Tone:
    """A key of a zone, ``cents`` off: the note as it sounds when it is held for ever."""

    def __init__(self, font: SoundFont, zone: Zone, key: int, cents: float, style: Style) -> None:
        self.zone = zone
        sample = font.sample(zone.sample, zone.shift, zone.loop != "")
        self._wave, self._from, self._span = sample.wave, sample.loop, sample.span
        self._loop = sample.span > 0
        off = (key - zone.root) * zone.scale + zone.cents + cents
        self.step = 2.0 ** (off / 1200) * sample.rate / RATE
        self._vibrato = style.vibrato if style.vibrato[0] else (float(zone.vib_cents), zone.vib_delay, zone.vib_rate)
        self._filter = _low_pass(zone.cutoff, zone.resonance) if zone.cutoff else None
        self._state = np.zeros(2)
        self._kept = np.zeros(0, np.float32)
        self._envelope = Envelope(zone, key)
        whole = len(self._wave) / self.step + 1
        self.end = self._envelope.end if self._loop else int(min(self._envelope.end, whole))
        self.release = _release(int(RATE * min(max(zone.release, _SHORTEST), style.release) * _SILENT / 100))

    @property
    def kept(self) -> int:
        """Samples that are kept."""
        return len(self._kept)

    def read(self, first: int, last: int) -> Wave:
        """Return samples ``first`` to before ``last`` of the note, held; at most to its end."""
        last = min(last, self.end)
        if last <= first:
            return np.zeros(0, np.float32)
        if last > _KEPT:
            return self._direct(first, last)
        while len(self._kept) < last:
            start = len(self._kept)
            stop = min(max(-(-last // _STEP) * _STEP, 2 * start), self.end, _KEPT)
            wave = self._sound(self._position(np.arange(start, stop)))
            if self._filter is not None:
                wave, self._state = lfilter(*self._filter, wave, zi=self._state)
            self._kept = np.concatenate((self._kept, self._envelope.over(wave, start)))
        return self._kept[first:last]

    def _direct(self, first: int, last: int) -> Wave:
        warm = max(first - _WARM, 0) if self._filter is not None else first
        wave = self._sound(self._position(np.arange(warm, last)))
        if self._filter is not None:
            wave = lfilter(*self._filter, wave)[first - warm :]
        return self._envelope.over(wave, first)

    def bent(self, first: int, ratios: NDArray[np.float64], place: Place) -> tuple[Wave, Place]:
        """Return the note from sample ``first`` on, each next sample ``ratios`` times as high, and where it then is."""
        steps = np.cumsum(self.step * ratios)
        wave = self._sound(place.position + np.concatenate(((0.0,), steps[:-1])))
        state = place.state
        if self._filter is not None:
            wave, state = lfilter(*self._filter, wave, zi=state)
        return self._envelope.over(wave, first), Place(place.position + float(steps[-1]), state)

    def _position(self, count: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return where in the sample each output sample lies: the integral of the speed."""
        cents, delay, rate = self._vibrato
        if not cents:
            return np.asarray(count * self.step)
        # For small angles 2^(c sin wt / 1200) is 1 + k sin wt, whose integral needs no sum.
        depth, turn = cents * np.log(2) / 1200, 2 * np.pi * rate / RATE
        swung = depth / turn * (1 - np.cos(turn * np.maximum(count - delay * RATE, 0)))
        return np.asarray(self.step * (count + swung))

    def _sound(self, position: NDArray[np.float64]) -> Wave:
        """Return the sample at fractional positions, by Hermite's cubic through four points."""
        end = self._from + self._span
        if self._loop:
            over = position >= end
            if over.any():
                position = np.where(over, self._from + np.mod(position - self._from, self._span), position)
        else:
            position = np.minimum(position, len(self._wave) - BEYOND)
        whole = position.astype(np.int64)
        part = (position - whole).astype(np.float32)
        before, here, next_, after = (self._wave.take(whole + k, mode="clip") for k in (-1, 0, 1, 2))
        slope = np.float32(0.5) * (next_ - before)
        bow = slope + here - next_
        curve = bow + here - next_ + np.float32(0.5) * (after - here)
        wave: Wave = here + part * (slope + part * (part * curve - (bow + curve)))
        return wave


class Envelope:
    """Loudness over time: delay, attack (a straight line), hold, decay (decibels) to the sustained level."""

    def __init__(self, zone: Zone, key: int) -> None:
        self._start = zone.delay * RATE
        self._attack = max(zone.attack, _SHORTEST / 4) * RATE
        self._hold = zone.hold * 2 ** (zone.key_hold * (60 - key) / 1200) * RATE
        decay = max(zone.decay * 2 ** (zone.key_decay * (60 - key) / 1200), _SHORTEST) * RATE
        self._fall = 100 / decay  # dB a sample
        self._sustain = zone.sustain
        self._settled = self._start + self._attack + self._hold + self._sustain / self._fall
        never = 1 << 40
        self.end = int(self._settled - (self._sustain - _SILENT) / self._fall) if self._sustain > _SILENT else never

    def over(self, wave: NDArray[np.floating], first: int) -> Wave:
        """Return the wave, which begins at sample ``first`` of its note, under the envelope."""
        last = first + len(wave)
        if first >= self._settled:
            return np.asarray(wave * 10 ** (-self._sustain / 20), np.float32)
        held = self._start + self._attack + self._hold
        if first >= self._start + self._attack and (last <= held or not self._sustain):
            return np.asarray(wave, np.float32)
        count = np.arange(first, last, dtype=np.float32)
        rise = np.clip((count - self._start) / self._attack, 0, 1)
        fall = np.clip((count - held) * self._fall, 0, self._sustain)
        return np.asarray(wave * rise * np.exp(fall * np.float32(-np.log(10) / 20)), np.float32)


@lru_cache(maxsize=64)
def _release(count: int) -> Wave:
    """Return factors by which a note dies away in so many samples."""
    fall = 10.0 ** (-_SILENT / 20 * np.arange(count) / count)
    return np.asarray(fall * np.minimum(np.arange(count, 0, -1) / 32, 1), np.float32)


def _low_pass(cutoff: float, resonance: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the two-pole low-pass of SoundFont 2.04 (Hz, dB) as numerator and denominator (Bristow-Johnson)."""
    turn = 2 * np.pi * min(cutoff, 0.45 * RATE) / RATE
    alpha = np.sin(turn) / (2 * max(10 ** (resonance / 20) * np.sqrt(0.5), 0.5))
    ahead = np.array([1 - np.cos(turn), 2 - 2 * np.cos(turn), 1 - np.cos(turn)]) / 2
    back = np.array([1 + alpha, -2 * np.cos(turn), 1 - alpha])
    return ahead / back[0], back / back[0]
