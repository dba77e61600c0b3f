"""Beats in performed notes: tempo from the autocorrelation of onsets, beats by dynamic programming.

The method of Ellis, "Beat tracking by dynamic programming" (J. New Music Research 36, 2007), on onsets of notes in
place of an audio envelope.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_FRAME = 0.02  # seconds
_SLOWEST, _COMMON, _FASTEST = 40.0, 110.0, 210.0  # beats a minute
_TIGHT = 100.0  # how dear a beat of another length is
_LONGEST = 1800.0  # seconds
_WINDOW = 0.05  # seconds within which onsets are one beat's
_NEIGHBOURS = 4  # beats on either side that a beat keeps pace with


def track_beats(onsets: Floats, pitches: NDArray[np.int64], velocities: NDArray[np.int64]) -> Floats | None:
    """Return the times of the beats in seconds, or None where notes show no pulse.

    onsets: seconds, any order; pitches, velocities: MIDI, of the same notes.
    """
    first, last = float(onsets.min()), float(onsets.max())
    if last - first < 4 or last - first > _LONGEST:
        return None
    # Louder and lower notes tell the beat.
    weight = (velocities / 100) * np.where(pitches < 52, 1.5, 1.0)
    frames = np.round((onsets - first) / _FRAME).astype(np.int64)
    strength = np.sqrt(np.bincount(frames, weight, minlength=int(frames.max()) + 50))
    strength = np.convolve(strength, (0.25, 0.6, 1.0, 0.6, 0.25), "same")
    period = _period(strength)
    if period is None:
        return None
    beats = _beats(strength / max(float(strength.std()), 1e-9), period)
    return _smooth(np.asarray(first + _FRAME * beats, float), np.sort(onsets)) if len(beats) >= 8 else None


def _smooth(beats: Floats, onsets: Floats) -> Floats:
    # Beats lie on frames: each moves to the onsets about it, then to the line through its neighbours.
    low = np.searchsorted(onsets, beats - _WINDOW)
    high = np.searchsorted(onsets, beats + _WINDOW)
    sums = np.concatenate([[0.0], np.cumsum(onsets)])
    struck = high > low
    beats = np.where(struck, (sums[high] - sums[low]) / np.maximum(high - low, 1), beats)
    reach = min(_NEIGHBOURS, (len(beats) - 1) // 2)
    number = np.arange(len(beats))
    smooth: Floats = np.array(beats, float)
    for centre in range(len(beats)):
        first = min(max(centre - reach, 0), len(beats) - 2 * reach - 1)
        window = slice(first, first + 2 * reach + 1)
        x = number[window] - number[window].mean()
        slope = float((x * beats[window]).sum() / (x * x).sum())
        smooth[centre] = beats[window].mean() + slope * (centre - number[window].mean())
    return smooth


def _period(strength: Floats) -> float | None:
    # Frames a beat: the peak of the autocorrelation under a log-normal window on tempo.
    longest = round(60 / _SLOWEST / _FRAME)
    even = strength - strength.mean()
    size = 1 << (2 * len(even) - 1).bit_length()
    power: Floats = np.abs(np.fft.rfft(even, size)) ** 2
    like = np.fft.irfft(power, size)[: 4 * longest + 2]
    if like[0] <= 0:
        return None
    like = like / like[0]
    lags = np.arange(round(60 / _FASTEST / _FRAME), longest + 1)
    window = np.exp(-0.5 * (np.log2(lags * _FRAME * _COMMON / 60) / 0.7) ** 2)
    # A beat's doubles come again too.
    comb = like[lags] + 0.5 * like[2 * lags] + 0.25 * like[4 * lags]
    scores = window * comb
    best = int(scores.argmax())
    if scores[best] < 0.02:
        return None
    return float(lags[best])


def _beats(strength: Floats, period: float) -> NDArray[np.int64]:
    steps = np.arange(round(period / 2), round(2 * period) + 1)
    dear = -_TIGHT * np.log(steps / period) ** 2
    total = strength.copy()
    before = np.full(len(strength), -1, np.int64)
    reach = int(steps[-1])
    backwards = dear[::-1].copy()
    near = int(steps[0])
    for frame in range(reach, len(strength)):
        reached = total[frame - reach : frame - near + 1] + backwards
        best = int(reached.argmax())
        if reached[best] > 0:
            total[frame] += reached[best]
            before[frame] = frame - reach + best
    last = len(total) - 1 - int(total[: -round(period) - 1 : -1].argmax())
    found = []
    while last >= 0:
        found.append(last)
        last = int(before[last])
    return np.array(found[::-1], np.int64)
