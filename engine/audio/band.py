"""The band: for each part the instruments it is played on, and how rock records treat them.

Distorted guitars are not sampled distorted: clean strings go together through an amplifier, as chords on a guitar
do. Levels are set so that parts stand to each other as docs/audio.md measures.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.audio.dsp import Band, Compressor, Convolver, Drive, Echo, Equaliser, Signal, cabinet
from engine.audio.mixer import Channel, Device, Source, Strip
from engine.audio.sampler import Play, Player
from engine.audio.score import KEY, MUTED, Ints, Track
from engine.audio.wave import PLAIN, Style

_CLEAN, _MUTED, _OVERDRIVEN, _DISTORTED = 27, 28, 29, 30
_VOICES, _SAW = (52, 53, 54, 85), 81
_KICKS, _SNARES = (35, 36), (37, 38, 39, 40)
_SUNG = Style((14.0, 0.28, 5.4), release=0.12)  # one voice: no note rings into the next

# A closed cabinet of four twelve-inch loudspeakers, near enough: Hz, and gains as factors.
_SPEAKER = (
    (60, 85, 120, 200, 400, 800, 1500, 2500, 3600, 4800, 6000, 8000, 12000),
    (0.1, 0.7, 1.15, 1.0, 0.8, 0.75, 0.95, 1.3, 1.25, 0.8, 0.25, 0.06, 0.01),
)
# The first formants of a sung "ah", after Peterson and Barney, JASA 24 (1952), and where singers shine.
_AH = (
    *(Band("cut low", 300), Band("peak", 730, 9, 4.0), Band("peak", 1150, 9, 5.0)),
    *(Band("peak", 2700, 6, 3.0), Band("peak", 3500, 3, 3.0), Band("cut high", 6500)),
)

_STRIPS = {
    "melody": Strip(6.5, 110, 0.16, leads=True),
    "lead": Strip(-11.0, 92, 0.16, back=3.0),
    "rhythm": Strip(-12.5, 80, 0.05, back=1.5),
    "bass": Strip(1.0, 104, 0.0),
    "drums": Strip(1.0, 108, 0.07),
    "clean": Strip(-3.0, 100, 0.15, back=2.0),
    "keys": Strip(-6.0, 100, 0.15, back=2.0),
    "click": Strip(0.0, 100, 0.0),
}


def channel(track: Track, play: Play) -> Channel:
    """Return the channel of a track, played by such players."""
    sources, devices = _BUILT.get(track.role, _plain)(track, play)
    return Channel(track.name, _STRIPS[track.role], sources, devices, track.volume, track.levels)


_Built = tuple[tuple[Source, ...], tuple[Device, ...]]


def _player(
    track: Track,
    play: Play,
    program: int | None = None,
    notes: Ints | None = None,
    cents: float = 0.0,
    style: Style = PLAIN,
) -> Player:
    """Return the player of a track's notes, or of some of them, on its program or another."""
    used = track.notes if notes is None else notes
    return play(track.bank, track.program if program is None else program, used, cents, style, track.bends)


def _pan(track: Track) -> float:
    return (track.pan - 64) / 63


def _plain(track: Track, play: Play) -> _Built:
    tone = Equaliser([Band("cut low", 70), Band("peak", 350, -1.5, 0.8)])
    return (Source(((_player(track, play), 1.0),), pan=_pan(track)),), (tone, Compressor(-18, 2, 0.01, 60))


def _melody(track: Track, play: Play) -> _Built:
    def sung(program: int, bands: tuple[Band, ...], gain: float) -> Source:
        return Source(((_player(track, play, program, style=_SUNG), gain),), (Equaliser(bands),), _pan(track))

    sources = [sung(track.program, (Band("cut low", 110), Band("peak", 340, -9, 0.6)), 1.0)]
    if track.program in _VOICES:
        # The sampled voices hum: a saw through the formants of "ah" opens their mouth.
        sources.append(sung(_SAW, _AH, 0.38))
    return tuple(sources), (Equaliser([Band("peak", 360, -2, 1.0)]), Compressor(-22, 3.5, 0.006, 60))


def _bass(track: Track, play: Play) -> _Built:
    devices = (
        Equaliser([Band("cut low", 32), Band("peak", 250, -5, 0.8), Band("peak", 900, 3, 0.8)]),
        Compressor(-26, 4, 0.012, 50),
        Drive((1.6,)),
        Equaliser([Band("peak", 92, 5, 0.8), Band("cut high", 5200)]),
    )
    return (Source(((_player(track, play), 1.0),), devices, _pan(track), mono=True),), ()


def _drums(track: Track, play: Play) -> _Built:
    def only(keys: tuple[int, ...], others: bool = False) -> tuple[tuple[Player, float], ...]:
        return ((_player(track, play, notes=track.notes[np.isin(track.notes[:, KEY], keys) != others]), 1.0),)

    kick = Equaliser([Band("peak", 72, 7, 0.9), Band("peak", 380, -5, 0.8), Band("peak", 3600, 5, 0.9)])
    snare = Equaliser(
        [Band("cut low", 90), Band("peak", 200, 2.5, 0.9), Band("peak", 4500, 3, 0.8), Band("high", 9000, -6)]
    )
    rest = Equaliser([Band("cut low", 70), Band("peak", 450, -3, 0.7), Band("high", 8500, -8)])
    sources = (
        Source(only(_KICKS), (kick, Compressor(-14, 4, 0.012, 120)), mono=True, gain=1.4),
        Source(only(_SNARES), (snare, Compressor(-14, 4, 0.008, 120)), mono=True, gain=1.3),
        Source(only(_KICKS + _SNARES, True), (rest,)),
    )
    return sources, (Compressor(-12, 2.5, 0.010, 80),)


def _amplified(
    track: Track, play: Play, notes: Ints, stages: tuple[float, ...], pan: float, cents: float = 0.0
) -> Source:
    """Return a guitar through an amplifier and a loudspeaker; muted strokes have samples of their own."""
    muted = notes[:, MUTED] > 0
    players = (
        (_player(track, play, _CLEAN, notes[~muted], cents), 1.0),
        (_player(track, play, _MUTED, notes[muted], cents), 4.0),
    )
    before = Equaliser([Band("cut low", 100), Band("peak", 750, 4, 0.7)])
    return Source(players, (before, Drive(stages, 0.08), Convolver(cabinet(*_SPEAKER))), pan, mono=True)


def _rhythm(track: Track, play: Play) -> _Built:
    """Two takes, left and right, if it is distorted."""
    if track.program not in (_OVERDRIVEN, _DISTORTED):
        return _plain(track, play)
    stages = (8.0, 3.0) if track.program == _DISTORTED else (4.0, 1.8)
    takes = (
        _amplified(track, play, track.notes, stages, -0.85, -3.0),
        _amplified(track, play, track.again, stages, 0.85, 4.0),
    )
    tone = Equaliser([Band("cut low", 85), Band("peak", 370, -5.5, 0.8), Band("peak", 2500, -4, 0.8)])
    return takes, (tone, Compressor(-16, 2, 0.02, 40))


def _lead(track: Track, play: Play) -> _Built:
    if track.program not in (_OVERDRIVEN, _DISTORTED):
        return _plain(track, play)
    tone = Equaliser([Band("cut low", 130), Band("peak", 1500, 1.5, 0.8)])
    source = _amplified(track, play, track.notes, (9.0, 2.5), _pan(track))
    return (source,), (tone, Compressor(-16, 2.5, 0.01, 40), _Beside(Echo(0.34, 0.35), 0.16))


class _Beside:
    """A device heard beside what goes into it."""

    def __init__(self, device: Device, share: float) -> None:
        self._device, self._share = device, np.float32(share)

    def __call__(self, signal: Signal) -> Signal:
        return np.asarray(signal + self._device(signal) * self._share, np.float32)


_BUILT: dict[str, Callable[[Track, Play], _Built]] = {
    "melody": _melody,
    "lead": _lead,
    "rhythm": _rhythm,
    "bass": _bass,
    "drums": _drums,
}
