"""SoundFonts and scores made by hand, and what tests measure of sound."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.audio.riff import RECORDS, Riff, riff_bytes
from engine.audio.score import Score, Track

RATE = 44_100


def sine_font(path: Path, wave: np.ndarray | None = None, loop: bool = True, **generators: int) -> Path:
    """Write a font of one preset (0, 0): a sine of 441 Hz, called key 69 and 3.92 cents flat of it, looped or not.

    wave: in its place, -1 .. 1. generators: ``g48=60`` is generator 48 of the instrument's zone.
    """
    if wave is None:
        wave = 0.5 * np.sin(2 * np.pi * 441 * np.arange(44_100) / RATE)
    count = len(wave)
    gens = [(int(name[1:]), amount & 65535) for name, amount in generators.items()]
    if loop:
        gens.append((54, 1))
    gens.append((53, 0))

    def rows(name: str, *values: tuple) -> np.ndarray:
        return np.array(list(values), RECORDS[name])

    tables = {
        "phdr": rows("phdr", (b"Sine", 0, 0, 0, 0, 0, 0), (b"EOP", 0, 0, 1, 0, 0, 0)),
        "pbag": rows("pbag", (0, 0), (1, 0)),
        "pmod": np.zeros(1, RECORDS["pmod"]),
        "pgen": rows("pgen", (41, 0), (0, 0)),
        "inst": rows("inst", (b"Sine", 0), (b"EOI", 1)),
        "ibag": rows("ibag", (0, 0), (len(gens), 0)),
        "imod": np.zeros(1, RECORDS["imod"]),
        "igen": rows("igen", *gens, (0, 0)),
        # 100 periods of 441 Hz are 10,000 samples.
        "shdr": rows("shdr", (b"Sine", 0, count, 1000, min(11_000, count), RATE, 69, 0, 0, 1), (b"EOS", *[0] * 9)),
    }
    data = (wave * 32767).astype("<i2").tobytes() + bytes(92)
    path.write_bytes(riff_bytes(Riff((("ifil", b"\2\0\4\0"),), tables, memoryview(data))))
    return path


def notes(*rows: tuple[float, float, int, int]) -> np.ndarray:
    """Return notes from (start, end, key, velocity), times in seconds."""
    return np.array([(round(a * RATE), round(b * RATE), key, hard, 0) for a, b, key, hard in rows], np.int64)


def keys_score(bars: int, tempo: int = 120) -> Score:
    """Return bars of 4/4 with one note of an organ in each."""
    bar = 4 * 60 * RATE // tempo
    rows = np.array([(n * bar, n * bar + bar // 2, 60 + n % 12, 90, 0) for n in range(bars)], np.int64)
    track = Track("organ", "keys", 0, 16, rows)
    return Score((track,), tuple(range(0, (bars + 1) * bar, bar)), tuple(bar * k // 4 for k in range(4)))


def pitch(wave: np.ndarray) -> float:
    """Return the frequency of the strongest partial in Hz, to a hundredth of a cent for a steady tone."""
    size = 1 << 18
    found = np.abs(np.fft.rfft(wave * np.hanning(len(wave)), size))
    k = int(found.argmax())
    low, middle, high = np.log(found[k - 1 : k + 2])
    return (k + 0.5 * (low - high) / (low - 2 * middle + high)) * RATE / size


def cents(hertz: float, wanted: float) -> float:
    return 1200 * float(np.log2(hertz / wanted))


def decibels(wave: np.ndarray) -> float:
    return 10 * float(np.log10(np.mean(np.square(wave, dtype=np.float64)) + 1e-30))


def clicks(wave: np.ndarray) -> int:
    """Return how many single samples jump: 30 times as far from their neighbours' line as others within 20 ms."""
    bend = np.abs(np.diff(wave.astype(np.float64), 2))
    window = 882
    frames = bend[: len(bend) // window * window].reshape(-1, window)
    usual = np.sqrt(np.mean(np.sort(frames, axis=1)[:, : window * 9 // 10] ** 2, axis=1))
    around = np.maximum(np.maximum(usual, np.roll(usual, 1)), np.roll(usual, -1))
    return int(np.sum(frames.max(axis=1) > 30 * around + 0.02))
