"""A player of one track on one preset, block by block: what sounds long is carried over, nothing is held whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from engine.audio.score import KEY, START, VELOCITY, Ints
from engine.audio.soundfont import DRUM_BANK, SoundFont, Wave, Zone
from engine.audio.wave import PLAIN, RATE, Place, Style, Tone

_CHOKED = 400  # samples in which a choked cymbal fades
_MOST_KEPT = RATE * 180  # samples of tones a player keeps: 32 MB


Bends = Sequence[tuple[int, float]]  # (sample, semitones), each until the next


class Player(Protocol):
    """What plays notes block by block."""

    @property
    def sounding(self) -> bool:
        """Whether anything is still to be heard after the last block."""
        ...

    def block(self, first: int, count: int) -> Wave:
        """Return samples ``first`` to before ``first + count``, shape (2, count); blocks follow one another."""
        ...


class Play(Protocol):
    """Gives a player of notes on a preset; cents: detuning of all."""

    def __call__(
        self, bank: int, program: int, notes: Ints, cents: float = 0.0, style: Style = PLAIN, bends: Bends = ()
    ) -> Player:
        """Return the player."""
        ...


class _Bent:
    """A tone under a pitch wheel; read once, from its start."""

    def __init__(self, tone: Tone, start: int, bends: Bends) -> None:
        self._tone, self._start, self._bends = tone, start, bends
        self._place = Place(0.0, np.zeros(2))
        self.end, self.release = tone.end, tone.release

    def read(self, first: int, last: int) -> Wave:
        last = min(last, self.end)
        if last <= first:
            return np.zeros(0, np.float32)
        at = [sample for sample, _ in self._bends]
        heights = np.array([0.0, *(height for _, height in self._bends)])
        now = np.searchsorted(at, np.arange(first, last) + self._start, side="right")
        wave, self._place = self._tone.bent(first, 2 ** (heights[now] / 12), self._place)
        return wave


class _Stroke(NamedTuple):
    """A sounding note: its tone, the samples where it starts, is let go and is choked, and its gain left and right."""

    tone: Tone | _Bent
    start: int
    off: int
    choke: int
    left: float
    right: float


class Sampler:
    """The player of ours: the zones of a SoundFont's preset, each stroke a product and a sum."""

    def __init__(
        self,
        font: SoundFont,
        bank: int,
        program: int,
        notes: Ints,
        cents: float = 0.0,
        style: Style = PLAIN,
        bends: Bends = (),
    ) -> None:
        self._font, self._zones = font, font.zones(bank, program)
        self._drums = bank == DRUM_BANK
        self._notes, self._next = notes, 0
        self._cents, self._style, self._bends = cents, style, bends
        self._tones: dict[tuple[int, int], Tone] = {}
        self._sounding: list[_Stroke] = []
        self._chokes = self._all_chokes()

    @property
    def sounding(self) -> bool:
        """Whether anything is still to be heard after the last block."""
        return self._next < len(self._notes) or bool(self._sounding)

    def block(self, first: int, count: int) -> Wave:
        """Return samples ``first`` to before ``first + count``, shape (2, count)."""
        out = np.zeros((2, count), np.float32)
        last = first + count
        while self._next < len(self._notes) and self._notes[self._next, START] < last:
            self._strike(self._next)
            self._next += 1
        still = []
        for stroke in self._sounding:
            if self._add(stroke, first, last, out):
                still.append(stroke)
        self._sounding = still
        kept = sum(tone.kept for tone in self._tones.values())
        while kept > _MOST_KEPT:
            # The one struck longest ago.
            kept -= self._tones.pop(next(iter(self._tones))).kept
        return out

    def _strike(self, index: int) -> None:
        start, end, key, velocity = self._notes[index, : VELOCITY + 1].tolist()
        for number, zone in enumerate(self._zones):
            if not _serves(zone, key, velocity):
                continue
            tone = self._tone(number, zone, key)
            # A drum rings out, however short its note.
            off = tone.end + start if self._drums and zone.loop == "" else end
            # A zone may be louder than its sample, but not than full scale.
            gain = min((velocity / 127) ** 2 * 10 ** (-zone.attenuation / 20), 1.0)
            angle = (zone.pan + 1) * np.pi / 4
            left, right = gain * float(np.cos(angle)), gain * float(np.sin(angle))
            choke = self._chokes[zone.choke].after(start) if zone.choke else 1 << 60
            sound = _Bent(tone, start, self._bends) if self._bends else tone
            self._sounding.append(_Stroke(sound, start, off, choke, left, right))

    def _tone(self, number: int, zone: Zone, key: int) -> Tone:
        tone = self._tones.pop((number, key), None)
        if tone is None:
            tone = Tone(self._font, zone, key, self._cents, self._style)
        self._tones[number, key] = tone
        return tone

    def _add(self, stroke: _Stroke, first: int, last: int, out: Wave) -> bool:
        """Add what of a stroke lies in the block; return whether it sounds on."""
        wave, begin = self._heard(stroke, first, last)
        if len(wave):
            at = begin - first
            for side, gain in enumerate((stroke.left, stroke.right)):
                if gain:
                    out[side, at : at + len(wave)] += wave * np.float32(gain)
        tone = stroke.tone
        over = min(stroke.off + len(tone.release), stroke.start + tone.end, stroke.choke + _CHOKED)
        return over > last

    def _heard(self, stroke: _Stroke, first: int, last: int) -> tuple[Wave, int]:
        tone, start = stroke.tone, stroke.start
        begin = max(first, start)
        stop = min(last, stroke.off + len(tone.release), stroke.choke + _CHOKED)
        wave = tone.read(begin - start, stop - start)
        end = begin + len(wave)
        if end > stroke.off:
            let_go = max(stroke.off, begin)
            wave = wave.copy()
            wave[let_go - begin :] *= tone.release[let_go - stroke.off : end - stroke.off]
        if end > stroke.choke:
            choked = max(stroke.choke, begin)
            wave = wave.copy()
            count = np.arange(choked - stroke.choke, end - stroke.choke, dtype=np.float32)
            wave[choked - begin :] *= 1 - count / _CHOKED
        return wave, begin

    def _all_chokes(self) -> dict[int, _Chokes]:
        """Return for each class of sounds that silence each other when its notes start."""
        found: dict[int, list[int]] = {}
        if any(zone.choke for zone in self._zones):
            for start, key, velocity in self._notes[:, [START, KEY, VELOCITY]].tolist():
                for choke in {z.choke for z in self._zones if z.choke and _serves(z, key, velocity)}:
                    found.setdefault(choke, []).append(start)
        return {choke: _Chokes(np.array(starts, np.int64)) for choke, starts in found.items()}


class _Chokes:
    """Starts of the notes of one class, in order."""

    def __init__(self, starts: Ints) -> None:
        self._starts = starts

    def after(self, start: int) -> int:
        at = int(np.searchsorted(self._starts, start, side="right"))
        return int(self._starts[at]) if at < len(self._starts) else 1 << 60


def _serves(zone: Zone, key: int, velocity: int) -> bool:
    return zone.keys[0] <= key <= zone.keys[1] and zone.velocities[0] <= velocity <= zone.velocities[1]


def sampled(path: Path) -> Play:
    """Return what gives players of a SoundFont; raises AudioError."""
    font = SoundFont(path)

    def play(
        bank: int, program: int, notes: Ints, cents: float = 0.0, style: Style = PLAIN, bends: Bends = ()
    ) -> Player:
        return Sampler(font, bank, program, notes, cents, style, bends)

    return play
