"""A SoundFont as sounds: presets as zones, each with its sample, ranges, tuning, envelope and filter.

Units of the zones are seconds, cents, decibels and Hz; the file's are those of SoundFont 2.04, section 8.1.
Not played: modulators, the modulation envelope, and the filter's and loudness's share of the LFOs.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.audio.riff import VORBIS, Riff, Table, read_riff
from engine.errors import AudioError

Wave = NDArray[np.float32]

DRUM_BANK = 128
BEYOND = 4  # samples past the end or the loop that an interpolation may look at
_LEAST_LOOP = 8
_NO_ROOT = 255

# Generators by number.
_SHIFTS = ((0, 4), (1, 12), (2, 45), (3, 50))
_VIB_CENTS, _CUTOFF, _RESONANCE, _PAN = 6, 8, 9, 17
_VIB_DELAY, _VIB_RATE = 23, 24
_DELAY, _ATTACK, _HOLD, _DECAY, _SUSTAIN, _RELEASE, _KEY_HOLD, _KEY_DECAY = range(33, 41)
_INSTRUMENT, _KEYS, _VELOCITIES, _ATTENUATION = 41, 43, 44, 48
_COARSE, _FINE, _SAMPLE, _LOOPS, _SCALE, _CLASS, _ROOT = 51, 52, 53, 54, 56, 57, 58
_DEFAULTS = {
    _CUTOFF: 13500, _VIB_DELAY: -12000, _DELAY: -12000, _ATTACK: -12000, _HOLD: -12000, _DECAY: -12000,
    _RELEASE: -12000, _KEYS: 127 << 8, _VELOCITIES: 127 << 8, _SCALE: 100, _ROOT: -1,
}  # fmt: skip
# What the EMU8000 made of an attenuation, and fonts since count on.
_EMU = 0.4
_OPEN = 15_000.0  # Hz: a filter as open as that is none

# The nearest sound of the kit for programs it lacks, by families of eight programs.
_FAMILIES = (4, 4, 16, 25, 33, 48, 48, 61, 61, 61, 80, 89, 90, 25, 4, 89)


class Sample(NamedTuple):
    """Sound at its own rate (Hz), laid out to be read: behind the loop lies what a little more of it would be.

    loop: the first sample of the loop. span: its length; 0 where there is none.
    """

    wave: Wave
    rate: int
    loop: int
    span: int


class Zone(NamedTuple):
    """Keys and velocities (lowest, highest) that one sample serves, and how.

    shift: samples by which (start, end, loop, loop's end) lie elsewhere than the sample says. cents: by how much key
    ``root`` sounds off; scale: cents a key. pan: -1 left .. 1 right. cutoff: Hz, 0 for no filter; resonance, sustain,
    attenuation: dB; half of the resonance is taken off the whole, as the format asks. Times are seconds. loop: ""
    none, "on" for ever, "held" until the release. choke: notes of one class silence each other, 0 for none.
    """

    sample: int
    shift: tuple[int, int, int, int]
    keys: tuple[int, int]
    velocities: tuple[int, int]
    root: int
    cents: int
    scale: int
    attenuation: float
    pan: float
    loop: str
    choke: int
    cutoff: float
    resonance: float
    delay: float
    attack: float
    hold: float
    decay: float
    sustain: float
    release: float
    key_hold: int
    key_decay: int
    vib_cents: int
    vib_delay: float
    vib_rate: float


class SoundFont:
    """Presets of a font, read when they are first asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._riff: Riff = read_riff(path)
        heads = self._riff.tables["phdr"]
        self._presets = {(int(row["bank"]), int(row["program"])): k for k, row in enumerate(heads[:-1])}
        if not self._presets:
            raise AudioError(f"the SoundFont {path} holds no sound")
        self._zones: dict[tuple[int, int], tuple[Zone, ...]] = {}
        self._samples: dict[tuple[int, tuple[int, int, int, int], bool], Sample] = {}

    def has(self, bank: int, program: int) -> bool:
        """Return whether the font has exactly this preset."""
        return (bank, program) in self._presets

    def nearest(self, bank: int, program: int) -> tuple[int, int]:
        """Return the preset that stands in for one the font may lack: of its bank, of its family, or any."""
        wanted = [(bank, program), (0 if bank != DRUM_BANK else bank, program)]
        wanted += [(bank, 0)] if bank == DRUM_BANK else [(0, _FAMILIES[program // 8]), (0, program // 8 * 8)]
        return next((preset for preset in wanted if preset in self._presets), min(self._presets))

    def zones(self, bank: int, program: int) -> tuple[Zone, ...]:
        """Return the zones of a preset, or of the nearest to it."""
        preset = self.nearest(bank, program)
        if preset not in self._zones:
            self._zones[preset] = tuple(self._read_zones(self._presets[preset]))
        return self._zones[preset]

    def sample(self, number: int, shift: tuple[int, int, int, int], looped: bool) -> Sample:
        """Return a sample decoded and laid out; raises AudioError where it cannot be."""
        if (number, shift, looped) not in self._samples:
            self._samples[number, shift, looped] = self._read_sample(number, shift, looped)
        return self._samples[number, shift, looped]

    def _read_sample(self, number: int, shift: tuple[int, int, int, int], looped: bool) -> Sample:
        row = self._riff.tables["shdr"][number]
        start, end, loop, loop_end = (int(row[name]) for name in ("start", "end", "loop", "loop_end"))
        if row["kind"] & VORBIS:
            import soundfile

            try:
                wave, _ = soundfile.read(io.BytesIO(self._riff.samples[start:end]), dtype="float32")
            except soundfile.LibsndfileError as error:
                raise AudioError(f"{self.path}: sample {number} cannot be decoded") from error
        else:
            wave = np.frombuffer(self._riff.samples[2 * start : 2 * end], "<i2").astype(np.float32) / 32768
            loop, loop_end = loop - start, loop_end - start
        first, last = max(shift[0], 0), len(wave) + min(shift[1], 0)
        wave, loop = wave[first:last], max(loop + shift[2] - first, 0)
        loop_end = min(loop_end + shift[3] - first, len(wave))
        rate = max(int(row["rate"]), 400)
        if looped and loop_end - loop > _LEAST_LOOP:
            # From the second sample of the loop on, so that the sample before it is of the loop too.
            beyond = np.arange(BEYOND + 1) % (loop_end - loop) + loop
            return Sample(np.concatenate((wave[:loop_end], wave[beyond])), rate, loop + 1, loop_end - loop)
        return Sample(np.concatenate((wave, np.zeros(BEYOND + 1, np.float32))), rate, 0, 0)

    def _read_zones(self, preset: int) -> list[Zone]:
        tables, found = self._riff.tables, []
        for outer in _bags(tables, "p", preset, _INSTRUMENT):
            for inner in _bags(tables, "i", outer[_INSTRUMENT], _SAMPLE):
                generators = _DEFAULTS | inner
                for what, amount in outer.items():
                    if what in (_KEYS, _VELOCITIES):
                        generators[what] = _overlap(generators[what], amount)
                    elif what != _INSTRUMENT:
                        generators[what] = generators.get(what, 0) + amount
                found.append(_zone(generators, tables["shdr"][generators[_SAMPLE]]))
        return [zone for zone in found if zone.keys[0] <= zone.keys[1] and zone.velocities[0] <= zone.velocities[1]]


def _bags(tables: dict[str, Table], side: str, number: int, last: int) -> list[dict[int, int]]:
    """Return the generators of each zone that ends in ``last``, on top of those of the global zone."""
    head, bags, gens = tables["phdr" if side == "p" else "inst"], tables[f"{side}bag"], tables[f"{side}gen"]
    first = int(head[number]["bag"])
    common: dict[int, int] = {}
    found = []
    for zone in range(first, int(head[number + 1]["bag"])):
        rows = gens[bags[zone]["gen"] : bags[zone + 1]["gen"]]
        own = {int(what): _signed(int(what), int(amount)) for what, amount in rows}
        if last in own:
            found.append(common | own)
        elif zone == first:
            common = own
    return found


def _signed(what: int, amount: int) -> int:
    unsigned = what in (_KEYS, _VELOCITIES, _INSTRUMENT, _SAMPLE)
    return amount if unsigned or amount < 32768 else amount - 65536


def _overlap(one: int, two: int) -> int:
    return max(one & 255, two & 255) | min(one >> 8, two >> 8) << 8


def _zone(gens: dict[int, int], header: NDArray[np.void]) -> Zone:
    root = gens[_ROOT] if gens[_ROOT] >= 0 else int(header["root"])
    resonance = min(max(gens.get(_RESONANCE, 0) / 10, 0.0), 30.0)
    cutoff = 8.176 * 2 ** (gens[_CUTOFF] / 1200)
    return Zone(
        sample=gens[_SAMPLE],
        shift=_shift(gens),
        keys=(gens[_KEYS] & 255, gens[_KEYS] >> 8),
        velocities=(gens[_VELOCITIES] & 255, gens[_VELOCITIES] >> 8),
        root=60 if root == _NO_ROOT else root,
        cents=100 * gens.get(_COARSE, 0) + gens.get(_FINE, 0) + int(header["correction"]),
        scale=gens[_SCALE],
        attenuation=_EMU * gens.get(_ATTENUATION, 0) / 10 + resonance / 2,
        pan=min(max(gens.get(_PAN, 0) / 500, -1.0), 1.0),
        loop={1: "on", 3: "held"}.get(gens.get(_LOOPS, 0) & 3, ""),
        choke=gens.get(_CLASS, 0),
        cutoff=cutoff if cutoff < _OPEN else 0.0,
        resonance=resonance,
        delay=_seconds(gens[_DELAY], 0.002),
        attack=_seconds(gens[_ATTACK], 0.0),
        hold=_seconds(gens[_HOLD], 0.0),
        decay=_seconds(gens[_DECAY], 0.0),
        sustain=min(max(gens.get(_SUSTAIN, 0) / 10, 0.0), 144.0),
        release=_seconds(gens[_RELEASE], 0.0),
        key_hold=gens.get(_KEY_HOLD, 0),
        key_decay=gens.get(_KEY_DECAY, 0),
        vib_cents=gens.get(_VIB_CENTS, 0),
        vib_delay=_seconds(gens[_VIB_DELAY], 0.002),
        vib_rate=8.176 * 2.0 ** (gens.get(_VIB_RATE, 0) / 1200),
    )


def _shift(gens: dict[int, int]) -> tuple[int, int, int, int]:
    start, end, loop, loop_end = (gens.get(fine, 0) + 32768 * gens.get(coarse, 0) for fine, coarse in _SHIFTS)
    return start, end, loop, loop_end


def _seconds(timecents: int, least: float) -> float:
    """Return seconds of timecents (1,200 to the doubling of one second), nothing where below ``least``."""
    found = 2.0 ** (min(max(timecents, -12000), 8000) / 1200)
    return found if found > max(least, 0.001) else 0.0
