"""The studio's devices, each fed with blocks that follow one another and carrying its state from one to the next.

Signals are float32, shape (2, samples) or (samples,); blocks are whole numbers of ``HOP`` samples.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft
from scipy.signal import firwin, firwin2, lfilter, minimum_phase, sosfilt, upfirdn

from engine.audio.wave import RATE
from engine.stream import Stream

Signal = NDArray[np.float32]

HOP = 63  # samples at which levels are read: a seventieth of the 100 ms that loudness is measured by


class Band(NamedTuple):
    """A band of an equaliser: kind ("peak", "low", "high" shelf, "cut low", "cut high"), Hz, dB, Q."""

    kind: str
    hertz: float
    gain: float = 0.0
    q: float = 0.7071


class Equaliser:
    """Second-order sections after Robert Bristow-Johnson's cookbook (W3C note "Audio EQ Cookbook")."""

    def __init__(self, bands: Sequence[Band], rate: int = RATE) -> None:
        self._sections = np.array([_section(band, rate) for band in bands])
        self._state: NDArray[np.float64] | None = None

    def __call__(self, signal: Signal) -> Signal:
        """Return the signal equalised."""
        if not len(self._sections):
            return signal
        if self._state is None:
            self._state = np.zeros((len(self._sections), *signal.shape[:-1], 2))
        found, self._state = sosfilt(self._sections, signal, zi=self._state)
        return np.asarray(found, np.float32)


def _section(band: Band, rate: int) -> list[float]:
    turn = 2 * np.pi * band.hertz / rate
    cos, alpha, amp = float(np.cos(turn)), float(np.sin(turn)) / (2 * band.q), 10 ** (band.gain / 40)
    root = 2 * amp**0.5 * alpha
    if band.kind == "peak":
        ahead, back = (1 + alpha * amp, -2 * cos, 1 - alpha * amp), (1 + alpha / amp, -2 * cos, 1 - alpha / amp)
    elif band.kind in ("low", "high"):
        side = 1 if band.kind == "low" else -1
        up, down = amp + 1, amp - 1
        ahead = (
            amp * (up - side * down * cos + root),
            side * 2 * amp * (down - side * up * cos),
            amp * (up - side * down * cos - root),
        )
        back = (up + side * down * cos + root, -side * 2 * (down + side * up * cos), up + side * down * cos - root)
    else:
        side = 1 if band.kind == "cut high" else -1
        edge = 1 - side * cos
        ahead, back = (edge / 2, side * edge, edge / 2), (1 + alpha, -2 * cos, 1 - alpha)
    return [*(value / back[0] for value in ahead), 1.0, back[1] / back[0], back[2] / back[0]]


class Convolver:
    """A long filter, by overlap and add in the frequency domain."""

    def __init__(self, response: Signal) -> None:
        self._response = response
        self._tail = np.zeros((*response.shape[:-1], response.shape[-1] - 1), np.float32)
        self._size, self._spectrum = 0, np.zeros(0, np.complex64)

    def __call__(self, signal: Signal) -> Signal:
        """Return the signal through the filter, without delay but the filter's own."""
        count, reach = signal.shape[-1], self._response.shape[-1] - 1
        size = next_fast_len(count + reach, real=True)
        if size != self._size:
            self._size, self._spectrum = size, rfft(self._response, size)
        found = irfft(rfft(signal, size) * self._spectrum, size)
        found[..., :reach] += self._tail
        self._tail = found[..., count : count + reach].astype(np.float32)
        return np.asarray(found[..., :count], np.float32)


class Drive:
    """Stages of an overdriven amplifier at twice the rate, each bending the wave and cutting the lows before it.

    The bend is x / sqrt(1 + x^2), averaged between samples (antiderivative antialiasing; Parker, Zavalishin and
    Le Bivic, DAFx 2016); for this curve the quotient of differences is (a + b) / (sqrt(1 + a^2) + sqrt(1 + b^2)).
    """

    _TAPS = 31

    def __init__(self, gains: Sequence[float], bias: float = 0.0) -> None:
        self._low = (firwin(self._TAPS, 0.5) * 2).astype(np.float32)
        self._up = np.zeros(self._TAPS // 2 + 1, np.float32)
        self._down = np.zeros(self._TAPS - 1, np.float32)
        self._stages = [(gain, Equaliser([Band("cut low", 70)], 2 * RATE)) for gain in gains]
        self._last = [np.float32(bias)] * len(gains)
        self._bias = np.float32(bias)

    def __call__(self, signal: Signal) -> Signal:
        """Return a one-channel signal driven."""
        count = len(signal)
        fed = np.concatenate((self._up, signal))
        self._up = fed[-len(self._up) :]
        wide = upfirdn(self._low, fed, up=2)[2 * len(self._up) :][: 2 * count]
        for k, (gain, cut) in enumerate(self._stages):
            here = cut(np.asarray(wide, np.float32)) * np.float32(gain) + self._bias
            before = np.concatenate((self._last[k : k + 1], here[:-1]))
            self._last[k] = here[-1]
            root = np.sqrt(1 + here * here)
            start = np.sqrt(1 + before[:1] * before[:1])
            wide = (here + before) / (root + np.concatenate((start, root[:-1])))
        fed = np.concatenate((self._down, wide))
        self._down = fed[-len(self._down) :]
        found = upfirdn(self._low, fed, down=2)[len(self._down) // 2 :][:count]
        return np.asarray(found * np.float32(0.5), np.float32)


class Compressor:
    """Turns down what is louder than ``threshold`` (dB of full scale) to one in ``ratio`` above it.

    attack: seconds of the smoothing. release: dB a second that the gain comes back. Both sides move together.
    knee: dB around the threshold over which it sets in.
    """

    def __init__(self, threshold: float, ratio: float, attack: float, release: float, knee: float = 6.0) -> None:
        self._threshold, self._slope, self._knee = threshold, 1 - 1 / ratio, knee
        self._fall = release * HOP / RATE
        self._keep = float(np.exp(-HOP / (attack * RATE)))
        self._held, self._smooth = 0.0, np.zeros(1)
        self._gain = 1.0

    def __call__(self, signal: Signal) -> Signal:
        """Return the signal compressed."""
        level = 20 * np.log10(np.maximum(hop_peaks(signal), 1e-6)) - self._threshold
        over = np.where(level > self._knee / 2, level, np.clip(level + self._knee / 2, 0, None) ** 2 / (2 * self._knee))
        wanted = over * self._slope
        steps = np.arange(1, len(wanted) + 1) * self._fall
        held = np.maximum(np.maximum.accumulate(wanted + steps), self._held) - steps
        held = np.maximum(held, 0)
        self._held = float(held[-1])
        smooth, self._smooth = lfilter([1 - self._keep], [1, -self._keep], held, zi=self._smooth)
        gains = 10 ** (-smooth / 20)
        found = signal * ramps(np.concatenate(((self._gain,), gains)))
        self._gain = float(gains[-1])
        return found


def hop_peaks(signal: Signal) -> NDArray[np.float32]:
    """Return the greatest size of each hop, of all channels."""
    sizes = np.abs(signal)
    size = sizes if signal.ndim == 1 else np.maximum(sizes[0], sizes[1])
    peaks: NDArray[np.float32] = size.reshape(-1, HOP).max(axis=1)
    return peaks


def total(signals: Iterable[Signal]) -> Signal:
    """Return the sum of signals of one shape."""
    found: Signal | None = None
    for signal in signals:
        if found is None:
            found = signal.copy()
        else:
            found += signal
    assert found is not None
    return found


_RAMP = (np.arange(HOP, dtype=np.float32) / HOP)[None, :]


def ramps(gains: NDArray[np.float64]) -> Signal:
    """Return samples between gains at the edges of hops, straight lines; one hop less than gains."""
    edges = gains.astype(np.float32)[:, None]
    return np.asarray((edges[:-1] + (edges[1:] - edges[:-1]) * _RAMP).reshape(-1), np.float32)


class Echo:
    """A delay by ``seconds``, each repeat ``back`` times the one before and duller."""

    def __init__(self, seconds: float, back: float, repeats: int = 4) -> None:
        step = int(seconds * RATE)
        response = np.zeros(step * repeats + 256, np.float32)
        dull = firwin(63, 3200, fs=RATE).astype(np.float32)
        drop = dull
        for k in range(1, repeats + 1):
            response[k * step - 31 : k * step - 31 + len(drop)] += drop * np.float32(back ** (k - 1))
            drop = np.convolve(drop, dull)[31:-31].astype(np.float32)
        self._filter = Convolver(response)

    def __call__(self, signal: Signal) -> Signal:
        """Return the repeats alone."""
        return self._filter(signal)


def room(seconds: float = 1.3, before: float = 0.018) -> Signal:
    """Return a stereo room as an impulse response, shape (2, samples), of unit energy a side.

    Noise in four bands that fade the quicker the higher, 60 dB in ``seconds`` at 500 Hz; ``before``: seconds
    until it sets in (Moorer, "About this reverberation business", 1979: noise that fades).
    """
    count = int(seconds * 1.1 * RATE)
    noise = np.frombuffer(Stream.of(0).at("room").data(2 * count), np.uint8).reshape(2, count) / 127.5 - 1
    time = np.arange(count) / RATE
    found = np.zeros((2, count))
    edges = (180, 500, 1500, 4000, 9000)
    for low, high, share in zip(edges, edges[1:], (0.9, 1.0, 0.8, 0.5), strict=False):
        band = sosfilt([_section(Band("cut low", low), RATE), _section(Band("cut high", high), RATE)], noise)
        found = found + band * 10 ** (-3 * time / (seconds * share))
    found *= np.minimum(time / 0.012, 1)
    found /= np.sqrt((found**2).sum(axis=1, keepdims=True))
    return np.concatenate((np.zeros((2, int(before * RATE))), found), axis=1).astype(np.float32)


def cabinet(hertz: Sequence[float], gains: Sequence[float]) -> Signal:
    """Return the impulse response, without delay, of a loudspeaker with these gains (factors) at these Hz."""
    # The filter of least phase has the root of the gains it is made from.
    linear = firwin2(1023, [0, *hertz, RATE / 2], [0, *(gain**2 for gain in gains), 0], fs=RATE)
    return np.asarray(minimum_phase(linear), np.float32)
