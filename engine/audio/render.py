"""A score as sound files: the band is played block by block, mixed, measured, and then set to its loudness.

The mix is written to a temporary file while it is measured and read back once for each output, so a song of an
hour needs no more memory than one of a minute, but for 16 bytes in 1.4 ms of measurements.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from engine.audio import need_libraries
from engine.audio.band import channel
from engine.audio.dsp import HOP, Signal
from engine.audio.encode import Waiting, kind_of
from engine.audio.fluid import fluid
from engine.audio.loudness import Meter, integrated
from engine.audio.master import Bus, gains
from engine.audio.mixer import Desk
from engine.audio.sampler import sampled
from engine.audio.score import END, START, Score, counted_in, looped, with_takes
from engine.audio.wave import RATE
from engine.files import write_whole

Progress = Callable[[float], None]

BLOCK = HOP * 1024
KIT = Path(__file__).parent / "kit" / "rock.sf3"
_BEFORE = RATE // 100  # samples before the first note
_QUIET = 10 ** (-60 / 20)  # a tail that far below the loudest moment is over
_SILENT = 1e-5
_FADE = RATE // 20
_LONGEST_TAIL = 12 * RATE
_RINGS = 4 * RATE  # samples after which a band, its echo and the room have forgotten how they began
_STEM_GAIN = np.float32(0.5)  # stems and the mix beside them are written 6 dB down: nothing of them may clip


class Rendered(NamedTuple):
    """What was made of a file: samples, loudness (LUFS), true peak (dBTP), seconds cut off the start."""

    path: str
    samples: int
    lufs: float
    true_peak: float
    skipped: float


class _Take(NamedTuple):
    """What is to be kept of a score: from sample ``first``; ``length`` samples, or until it has faded after ``end``."""

    first: int
    length: int | None
    end: int


class _Mix:
    """The mix on disk before its loudness is set, block by block, with what was measured of it."""

    def __init__(self, spool: BinaryIO) -> None:
        self.spool = spool
        spool.seek(0)
        self.meter, self.samples = Meter(), 0

    def add(self, signal: Signal) -> None:
        whole = -(-signal.shape[1] // HOP) * HOP
        self.meter.hear(np.pad(signal, ((0, 0), (0, whole - signal.shape[1]))))
        self.spool.write(np.ascontiguousarray(signal.T).tobytes())
        self.samples += signal.shape[1]

    def blocks(self) -> Iterator[Signal]:
        self.spool.seek(0)
        left = self.samples
        while left:
            count = min(left, BLOCK)
            yield np.frombuffer(self.spool.read(8 * count), np.float32).reshape(-1, 2).T
            left -= count


def render(
    score: Score,
    outputs: Sequence[str],
    *,
    lufs: float = -14.0,
    soundfont: Path | None = None,
    fluidsynth: bool = False,
    stems: bool = False,
    loop: tuple[int, int] | None = None,
    click: bool = False,
    beside: Mapping[str, bytes] | None = None,
    progress: Progress | None = None,
) -> tuple[Rendered, ...]:
    """Write the score to each output, all or none, and return what they are.

    lufs: integrated loudness. soundfont: an SF2 or SF3 file in place of the kit. fluidsynth: play
    with FluidSynth, and where no SoundFont is given with one it finds. stems: also write
    each part, and the unmastered mix they add up to, beside the first output (``song-bass.wav``). loop: bars
    (first, last) from 1, of which exactly their samples are written. click: a bar of count-in.
    beside: other files that are written with these or not at all.
    Raises AudioError, ExportError, UsageError.
    """
    for path in outputs:
        kind_of(path)
    need_libraries()
    tell = progress or (lambda share: None)
    play = fluid(soundfont) if fluidsynth else sampled(soundfont or KIT)
    score = with_takes(score)
    end = max(int(track.notes[:, END].max()) for track in score.tracks)
    take = _Take(max(min(int(track.notes[0, START]) for track in score.tracks) - _BEFORE, 0), None, end)
    if loop:
        score, first, count = looped(score, *loop, _RINGS)
        take = _Take(first, count, first + count)
    elif click:
        score, shift = counted_in(score), score.bars[1] - score.bars[0]
        take = _Take(0, None, end + shift)
    names = stem_paths(outputs[0], [track.name for track in score.tracks]) if stems else []
    with ExitStack() as stack:

        def waiting(path: str, deep: bool) -> Waiting:
            file = Waiting(path, deep)
            stack.callback(file.drop)
            return file

        mix = _Mix(stack.enter_context(tempfile.TemporaryFile()))
        gain = _STEM_GAIN
        while True:
            files = [waiting(path, True) for path in names]
            desk = Desk([channel(track, play) for track in score.tracks], stems)
            peak = _record(desk, take, mix, files, gain, lambda share: tell(0.8 * share))
            if peak < 1:
                break
            # Rare: so loud that a stem would clip. Once more, and softer.
            gain = np.float32(gain * 0.9 / peak)
            mix = _Mix(mix.spool)
            for file in files:
                file.drop()
        found = []
        for number, path in enumerate(outputs):
            file = waiting(path, False)
            files.append(file)
            tell(0.8 + 0.2 * number / len(outputs))
            found.append(_master(mix, file, lufs, loop is not None))
        for file in files:
            file.close()
        write_whole(beside or {})
        for file in files:
            file.keep()
    tell(1.0)
    return tuple(each._replace(skipped=take.first / RATE if not loop else 0.0) for each in found)


def _record(desk: Desk, take: _Take, mix: _Mix, files: Sequence[Waiting], gain: np.float32, tell: Progress) -> float:
    """Play what is to be kept into the mix and the stems' files, and return the greatest peak of a stem."""
    bus = Bus()
    peak = 0.0
    tail: list[list[Signal]] = []

    def keep(signals: list[Signal]) -> None:
        mix.add(signals[0])
        for file, signal in zip(files, signals[1:], strict=True):
            file.write(signal)

    # What comes before the first sample is played too, and not kept: it is how a loop comes round.
    at = take.first - (-(-take.first // BLOCK) * BLOCK if take.length is not None else 0)
    last = take.end if take.length is None else take.first + take.length
    while True:
        parts, whole = desk.block(at, BLOCK)
        signals = [bus(whole), *(part * gain for part in parts), *([whole * gain] if files else [])]
        at += BLOCK
        if at <= take.first:
            continue
        peak = max(peak, *(float(np.abs(signal).max()) for signal in signals[1:]), 0.0)
        if at <= last:
            keep(signals)
        elif take.length is not None:
            keep([signal[:, : BLOCK - (at - last)] for signal in signals])
            break
        else:
            tail.append(signals)
            if at > last + _LONGEST_TAIL or (not desk.sounding and float(np.abs(whole).max()) < _SILENT):
                keep(_faded(tail, mix.meter))
                break
        tell(min((at - take.first) / (last - take.first), 1.0))
    return peak


def _faded(tail: list[list[Signal]], meter: Meter) -> list[Signal]:
    """Return the tail's signals as long as it can be heard, with a fade at their end."""
    signals = [np.concatenate(each, axis=1) for each in zip(*tail, strict=True)]
    size = np.abs(signals[0]).max(axis=0)
    heard = np.flatnonzero(size > _QUIET * max(float(size.max()), float(meter.peaks.max(initial=0.0))))
    count = min((int(heard[-1]) + 1 if len(heard) else 0) + _FADE, len(size))
    fade = np.minimum(np.arange(count, 0, -1) / _FADE, 1).astype(np.float32)
    return [signal[:, :count] * fade for signal in signals]


def _master(mix: _Mix, file: Waiting, lufs: float, loop: bool) -> Rendered:
    """Write the mix at its loudness, and return what came of it, measured."""
    setting = gains(mix.meter, lufs, kind_of(file.path).ceiling, loop)
    heard = Meter()
    done = 0
    for block in mix.blocks():
        count = block.shape[1]
        factors = setting.over(done // HOP, -(-count // HOP) * HOP)[:count]
        signal = block * factors
        file.write(signal)
        heard.hear(np.pad(signal, ((0, 0), (0, -count % HOP))))
        done += count
    peak = 20 * np.log10(max(float(heard.peaks.max(initial=0.0)), 1e-9))
    return Rendered(file.path, done, integrated(heard.energies), float(peak), 0.0)


def stem_paths(output: str, names: Sequence[str]) -> list[str]:
    """Return where stems go, the unmastered mix last: beside the output, as WAV where that is lossy."""
    path = Path(output)
    suffix = path.suffix if path.suffix.lower() in (".wav", ".flac") else ".wav"
    plain = [re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "part" for name in names]
    return [str(path.with_name(f"{path.stem}-{name}{suffix}")) for name in [*plain, "mix"]]
