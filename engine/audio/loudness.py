"""Loudness and true peak of a stream (ITU-R BS.1770-4), hop by hop, so that a gain can be judged before it is made.

Both are kept for every hop of 1.4 ms: what a limiter does to them is then arithmetic on two short rows of numbers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import firwin, sosfilt, upfirdn

from engine.audio.dsp import HOP, Signal
from engine.audio.wave import RATE

Floats = NDArray[np.float64]

_ABSOLUTE, _RELATIVE = -70.0, -10.0  # LUFS, LU: the two gates
_OFFSET = -0.691
_BLOCK, _STEP = int(0.4 * RATE) // HOP, int(0.1 * RATE) // HOP
_TIMES, _TAPS = 4, 16  # oversampling for the true peak, and taps a phase


def _k_weighting() -> Floats:
    """Return the shelf and the high-pass of BS.1770 for our rate, after the analogue filters behind its tables."""
    turn = np.tan(np.pi * 1681.974450955533 / RATE)
    high, middle, q = (
        10 ** (3.999843853973347 / 20),
        10 ** (3.999843853973347 / 20 * 0.4996667741545416),
        0.7071752369554196,
    )
    unit = 1 + turn / q + turn**2
    shelf = [
        (high + middle * turn / q + turn**2) / unit,
        2 * (turn**2 - high) / unit,
        (high - middle * turn / q + turn**2) / unit,
        1.0,
        2 * (turn**2 - 1) / unit,
        (1 - turn / q + turn**2) / unit,
    ]
    turn, q = np.tan(np.pi * 38.13547087602444 / RATE), 0.5003270373238773
    unit = 1 + turn / q + turn**2
    return np.array([shelf, [1.0, -2.0, 1.0, 1.0, 2 * (turn**2 - 1) / unit, (1 - turn / q + turn**2) / unit]])


class Meter:
    """Hears a stereo stream in blocks of whole hops; keeps the energy and the true peak of every hop."""

    def __init__(self, true_peak: bool = True) -> None:
        self._sections, self._state = _k_weighting(), np.zeros((2, 2, 2))
        self._fir = (firwin(_TIMES * _TAPS + 1, 1 / _TIMES) * _TIMES).astype(np.float32)
        self._before = np.zeros((2, _TAPS), np.float32)
        self._true = true_peak
        self._energies: list[Floats] = []
        self._peaks: list[Floats] = []

    def hear(self, signal: Signal) -> None:
        """Take in the next block, shape (2, samples)."""
        weighted, self._state = sosfilt(self._sections, signal, zi=self._state)
        self._energies.append((weighted**2).reshape(2, -1, HOP).sum(axis=(0, 2)))
        sizes = np.abs(signal)
        peaks = np.maximum(sizes[0], sizes[1])
        if self._true:
            fed = np.concatenate((self._before, signal), axis=1)
            self._before = fed[:, -_TAPS:]
            # The filter's delay is half of the samples before the block: the peaks lie that much late.
            wide = upfirdn(self._fir, fed, up=_TIMES, axis=1)[:, _TIMES * _TAPS :][:, : _TIMES * signal.shape[1]]
            sizes = np.abs(wide)
            peaks = np.maximum(peaks, np.maximum(sizes[0], sizes[1]).reshape(-1, _TIMES).max(axis=1))
        self._peaks.append(peaks.reshape(-1, HOP).max(axis=1).astype(np.float64))

    @property
    def energies(self) -> Floats:
        """Sums of the squares of both sides, K-weighted, for each hop."""
        return np.concatenate([*self._energies, np.zeros(0)])

    @property
    def peaks(self) -> Floats:
        """The true peak of each hop; one that lies on an edge counts for both."""
        found = np.concatenate([*self._peaks, np.zeros(0)])
        if self._true and len(found):
            found = np.maximum(found, np.concatenate((found[1:], found[-1:])))
        return found


def integrated(energies: Floats) -> float:
    """Return the loudness in LUFS of hops' energies, gated; minus infinity for silence.

    What is shorter than a block of 400 ms is measured as one block.
    """
    sums = np.concatenate(((0.0,), np.cumsum(energies)))
    size = min(_BLOCK, len(energies))
    if not size:
        return -np.inf
    starts = np.arange(0, len(energies) - size + 1, _STEP)
    powers = (sums[starts + size] - sums[starts]) / (size * HOP)
    loud = powers[powers > 10 ** ((_ABSOLUTE - _OFFSET) / 10)]
    if not len(loud):
        return -np.inf
    gate = loud.mean() * 10 ** (_RELATIVE / 10)
    return float(_OFFSET + 10 * np.log10(loud[loud > gate].mean()))
