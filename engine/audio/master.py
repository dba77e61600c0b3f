"""Mastering: the bus of the whole mix, and the gain that brings it to a loudness under a ceiling."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from engine.audio.dsp import HOP, Band, Compressor, Equaliser, Signal, ramps
from engine.audio.loudness import Floats, Meter, integrated
from engine.audio.wave import RATE

_AHEAD = 3  # hops before a peak by which the limiter is down: 4 ms
_RELEASES = (50.0, 120.0, 300.0)  # dB a second, the smoothest first
_MARGIN = 0.2  # dB: what a true peak may lie above the estimate of BS.1770 with four times the samples
_CLOSE, _TRIES = 0.01, 20  # LU; the limiter takes back a part of each step
_MOST = 40.0  # dB of gain at most: noise is not to be made music


class Bus:
    """What the whole mix goes through before its loudness is set: no rumble, gentle compression."""

    def __init__(self) -> None:
        self._tone = Equaliser([Band("cut low", 28)])
        self._glue = Compressor(-9, 1.6, 0.03, 25)

    def __call__(self, signal: Signal) -> Signal:
        """Return the next block."""
        return self._glue(self._tone(signal))


class Gains(NamedTuple):
    """Factors at the edges of hops, one more than hops, and the loudness (LUFS) they should give."""

    edges: Floats
    lufs: float

    def over(self, first: int, count: int) -> Signal:
        """Return the factors of ``count`` samples from hop ``first`` on."""
        return ramps(self.edges[first : first + count // HOP + 1])


def gains(meter: Meter, lufs: float, ceiling: float, loop: bool = False) -> Gains:
    """Return the gain that brings what was heard to ``lufs`` with no true peak above ``ceiling`` dBTP.

    The limiter lets go as slowly as the loudness allows; what is louder than it can make is made as loud as can be.
    loop: the end is followed by the start.
    """
    energies, peaks = meter.energies, meter.peaks
    loudness = integrated(energies)
    if not np.isfinite(loudness):
        return Gains(np.ones(len(energies) + 1), loudness)
    top = 10 ** ((ceiling - _MARGIN) / 20)
    found = Gains(np.ones(0), -np.inf)
    for release in _RELEASES:
        push = min(lufs - loudness, _MOST)
        for _ in range(_TRIES):
            factor = 10 ** (push / 20)
            edges = factor * _limited(peaks * factor / top, release, loop)
            made = Gains(edges, integrated(energies * ((edges[:-1] + edges[1:]) / 2) ** 2))
            if made.lufs > found.lufs or abs(lufs - made.lufs) < _CLOSE:
                found = made
            if abs(lufs - made.lufs) < _CLOSE:
                return found
            if push >= _MOST:
                break
            push = min(push + lufs - made.lufs, _MOST)
    return found


def _limited(peaks: Floats, release: float, loop: bool) -> Floats:
    """Return factors at the edges of hops that keep peaks of hops at or below one."""
    if loop:
        count = len(peaks)
        return _limited(np.tile(peaks, 3), release, False)[count : 2 * count + 1]
    wanted = 20 * np.log10(np.maximum(peaks, 1))
    steps = np.arange(len(wanted)) * (release * HOP / RATE)
    held = np.maximum.accumulate(wanted + steps) - steps
    # The greatest of a window, then the mean of as wide a one: early, smooth, and never too little.
    size = 2 * _AHEAD + 1
    smooth = uniform_filter1d(maximum_filter1d(held, size, mode="nearest"), size, mode="nearest")
    edges = np.maximum(np.concatenate((smooth[:1], smooth)), np.concatenate((smooth, smooth[-1:])))
    found: Floats = 10 ** (-edges / 20)
    return found
