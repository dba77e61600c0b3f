"""The parts as small sounds for a page: MP3 at 32 kHz, those that stand in the middle in mono.

At 32 kHz because a browser holds every part decoded: four minutes of five parts take 210 MB, and 410 MB otherwise.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.audio import need_libraries
from engine.audio.dsp import HOP, Signal
from engine.audio.loudness import Meter, integrated
from engine.audio.render import render, stem_paths
from engine.audio.score import Score
from engine.audio.wave import RATE
from engine.errors import AudioError

SMALL = 32_000
_UP, _DOWN = 320, 441  # to SMALL from the 44.1 kHz of what is rendered
_BLOCK, _AROUND = _DOWN * 512, _DOWN * 4  # samples at once, and of their neighbours that the filter sees
_WIDE = ("rhythm", "drums")  # roles whose sides differ
_QUALITY = 0.7  # libsndfile's compression level: of 0.5, 0.7 and 0.85, the last that leaves cymbals alone
_LUFS = -16.0
_HEADROOM = HOP * 1024
_MOST = 1 << 30  # bytes of sound that a browser can be asked to hold


class Stem(NamedTuple):
    """A part as MP3. seconds: its length; pan: -1..1, where it is mono and stands aside; sides: 1 or 2."""

    name: str
    data: bytes
    seconds: float
    pan: float
    sides: int = 1

    @property
    def decoded(self) -> int:
        """Bytes that it takes in a browser which plays it."""
        return int(self.seconds * SMALL) * self.sides * 4


class Stems(NamedTuple):
    """All parts, the gain that brings their sum to -16 LUFS, and the seconds of the score before they start."""

    parts: tuple[Stem, ...]
    gain: float
    skipped: float


def stems(score: Score, progress: Callable[[float], None] | None = None) -> Stems:
    """Return the score's tracks, rendered, apart and small; raises AudioError, also for more than a browser holds."""
    need_libraries()
    seconds, sides = score.bars[-1] / RATE, sum(1 + (track.role in _WIDE) for track in score.tracks)
    if seconds * SMALL * 4 * sides > _MOST:
        most = _MOST // (SMALL * 4 * sides * 60)
        raise AudioError(
            f"a browser cannot hold {seconds / 60:.0f} minutes of {len(score.tracks)} parts",
            f"a page of so many has at most {most}; hookline render writes any length",
        )
    tell = progress or (lambda share: None)
    with tempfile.TemporaryDirectory(prefix="hookline-") as folder:
        mix = str(Path(folder) / "mix.wav")
        (made,) = render(score, [mix], stems=True, progress=lambda share: tell(0.8 * share))
        paths = stem_paths(mix, [track.name for track in score.tracks])
        gain = _gain(paths[-1])
        found = []
        for number, (track, path) in enumerate(zip(score.tracks, paths, strict=False)):
            tell(0.8 + 0.2 * number / len(score.tracks))
            wide = track.role in _WIDE
            data, seconds = _small(path, wide)
            found.append(Stem(track.name, data, seconds, 0.0 if wide else (track.pan - 64) / 64, 1 + wide))
    tell(1.0)
    return Stems(tuple(found), gain, made.skipped)


def _gain(path: str) -> float:
    meter = Meter(true_peak=False)
    for block in _blocks(path, _HEADROOM, 0):
        meter.hear(np.pad(block, ((0, 0), (0, -block.shape[1] % HOP))))
    loud = integrated(meter.energies)
    return float(10 ** ((_LUFS - loud) / 20)) if loud > -70 else 1.0


def _small(path: str, wide: bool) -> tuple[bytes, float]:
    """Return a sound file as MP3, and how long it is; a block at a time."""
    import soundfile
    from scipy.signal import resample_poly

    target = f"{path}.mp3"
    edge = _AROUND * _UP // _DOWN
    done = 0
    try:
        with soundfile.SoundFile(
            target, "w", SMALL, 2 if wide else 1, "MPEG_LAYER_III", format="MP3",
            compression_level=_QUALITY, bitrate_mode="VARIABLE",
        ) as file:  # fmt: skip
            for block in _blocks(path, _BLOCK, _AROUND):
                heard = block if wide else block.mean(axis=0, keepdims=True)
                small = resample_poly(heard, _UP, _DOWN, axis=1)[:, edge:-edge]
                file.write(np.ascontiguousarray(small.T, dtype=np.float32))
                done += small.shape[1]
    except (OSError, TypeError, soundfile.LibsndfileError) as error:
        raise AudioError(
            f"the sound of the page cannot be written: {error}", 'pip install -U "hookline[audio]"'
        ) from error
    return Path(target).read_bytes(), done / SMALL


def _blocks(path: str, size: int, around: int) -> Iterator[Signal]:
    """Yield a sound file in blocks of ``size``, with ``around`` samples of their neighbours, or silence at the ends."""
    import soundfile

    with soundfile.SoundFile(path) as file:
        held = np.zeros((around, 2), np.float32)
        held = np.concatenate([held, file.read(size + around, dtype="float32", always_2d=True)])
        while len(held) > around:
            ahead = file.read(size, dtype="float32", always_2d=True)
            block = np.pad(held, ((0, max(around - max(len(held) - around - size, 0), 0)), (0, 0)))
            block = block[: size + 2 * around]
            yield np.ascontiguousarray(block.T)
            if not len(ahead) and len(held) <= size + around:
                break
            held = np.concatenate([held[size:], ahead])
