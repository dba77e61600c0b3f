"""The fitted bass: bar states, rhythm against the kick, and intervals above the root, as sampler steps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.chain.costs import TOP, weights
from engine.chain.sampler import Step
from engine.models.beats import RhythmTable, beat_step, beats, bits, grid
from engine.models.tables import load
from engine.theory.meter import Meter

Ints = NDArray[np.int64]

NONE = 12  # "no interval"
_FILL = -256  # cost of an onset in a fill
STAY = 3  # bits by which staying on a tone that the rules do not like best weighs less
TRUST = 5  # the most a riff is trusted
_LOW = 28  # the pitch of the first entry of ``height``
_TONES = np.arange(12)
_WIDE = 3 * 256  # cost of a leap beyond an octave, over that of an octave
_PLAIN = ("interval", "copy", "cluster", "start", "next", "emit", "density", "leap", "height", "length")
_FACTORS = {"metre": 1, "quality": 2, "move": 1}  # in fifths: how far each bends the interval (see the fit)


@dataclass(frozen=True, eq=False)
class BassModel:
    """Costs, 256 to the bit, and weights; shapes as told in ``train.fit_bass.table``."""

    rhythm: RhythmTable
    free: RhythmTable
    interval: Ints
    copy: Ints
    cluster: Ints
    factors: dict[str, Ints]
    start: Ints
    next: Ints
    emit: Ints
    density: Ints
    leap: Ints
    height: Ints
    length: Ints


@lru_cache(maxsize=8)
def bass_model(models: str) -> BassModel:
    """Return the bass of a set of models; raises ModelError."""
    arrays = {name: np.asarray(array, dtype=np.int64) for name, array in load(models, "bass").arrays.items()}
    return BassModel(
        rhythm=RhythmTable(arrays["rhythm"]),
        free=RhythmTable(arrays["free"]),
        factors={name: arrays[name] * power // 5 for name, power in _FACTORS.items()},
        **{name: arrays[name] for name in _PLAIN},
    )


def interval_costs(model: BassModel, metre: int, quality: int, move: int = 0, cluster: int = -1) -> Ints:
    """Return costs (least 0 in a row) of an interval after another, shape (13 previous, 12); cluster -1: of any bar."""
    bend = model.factors["metre"][metre] + model.factors["quality"][quality] + model.factors["move"][move]
    cost = model.interval + bend + (model.cluster[cluster] if cluster >= 0 else 0)
    return np.asarray(cost - cost.min(axis=1, keepdims=True))


@lru_cache(maxsize=512)
def _free(model: BassModel, metre: int, quality: int, move: int) -> Ints:
    weight = weights(interval_costs(model, metre, quality, move))
    return np.asarray(weight * TOP // weight.sum(axis=1, keepdims=True))


@lru_cache(maxsize=8)
def _reach(model: BassModel, low: int, high: int) -> Ints:
    # Weights of every leap times the height it arrives at, up to 2**16; the last row has no note before.
    pitches = np.arange(low, high + 1)
    leap, most = pitches[None, :] - pitches[:, None], len(model.leap) // 2
    near = model.leap[np.clip(leap, -most, most) + most]
    cost = np.where(np.abs(leap) <= most, near, _WIDE + 64 * np.abs(leap))
    height = model.height[np.clip(pitches - _LOW, 0, len(model.height) - 1)]
    return weights(np.vstack([cost, np.zeros(len(pitches), dtype=np.int64)]) + height[None, :])


@lru_cache(maxsize=16)
def _after(states: int, events: int) -> Ints:
    return np.broadcast_to(np.arange(events), (states, events))


@lru_cache(maxsize=1024)
def riff_steps(
    model: BassModel,
    meter: Meter,
    riff: tuple[int, ...],
    cluster: int,
    kick: int,
    lock: int,
    trust: int,
    must: int,
    last: bool,
    fill: int,
) -> tuple[Step, ...]:
    """Return the steps of a bar's rhythm, beat by beat, where a riff is remembered.

    riff: its slots. kick, must: slots as bits, the kick's and those that have to be struck. lock: cost of leaving a
    kick alone. last: the riff is trusted less in the last beat. fill: slot from which the bar state alone counts, or
    -1.
    """
    positions, groups = grid(meter), beats(meter.slots)
    steps = []
    for group in groups:
        wanted, needed = ((bits(kick, group), lock),), bits(must, group)
        if 0 <= fill <= group[0]:
            context = tuple((positions[slot], kick >> slot & 1, cluster) for slot in group)
            steps.append(beat_step(model.free, context, _FILL, wanted, needed, 0, group is groups[-1]))
        else:
            sure = max(trust - 2, 1) if last and group is groups[-1] else trust
            told = tuple((int(slot in riff), sure, kick >> slot & 1, positions[slot]) for slot in group)
            steps.append(beat_step(model.rhythm, told, 0, wanted, needed, 0, group is groups[-1]))
    return tuple(steps)


@lru_cache(maxsize=64)
def state_steps(model: BassModel, wanted: int, length: int) -> tuple[Step, ...]:
    """Return the steps of the bar states of ``length`` bars: events are hidden state * kinds + kind of bar.

    wanted: notes in 16 bars; a kind of bar weighs half as much for every note a bar away from it.
    """
    near = weights(np.abs(model.density - wanted) * 16) >> 8
    emit = model.emit * near[None, :] >> 8
    hidden, kinds = emit.shape
    start = np.maximum(model.start[:, None] * emit >> 10, 1).reshape(1, -1)
    follow = np.maximum(model.next[:, :, None] * emit[None] >> 10, 1).reshape(hidden, -1)
    after = np.broadcast_to(np.arange(hidden * kinds) // kinds, (hidden, hidden * kinds))
    return (Step(start, after[:1]), *([Step(follow, after)] * (length - 1)))


@lru_cache(maxsize=512)
def figure_step(model: BassModel, metre: int, quality: int, cluster: int, rules: tuple[int, ...]) -> Step:
    """Return the step of one note of a figure: events are intervals, states the interval before (NONE at first)."""
    rule = np.array(rules)
    cost = interval_costs(model, metre, quality, 0, cluster) + np.maximum(rule, 0)
    np.fill_diagonal(cost, cost.diagonal() + np.where(rule > 0, 256 * STAY, 0))
    return Step(np.where(rule < 0, 0, weights(cost)), _after(13, 12))


@lru_cache(maxsize=1024)
def note_step(
    model: BassModel,
    low: int,
    high: int,
    root: int,
    tones: tuple[int, ...],
    memory: int,
    trust: int,
    metre: int,
    quality: int,
    move: int,
) -> Step:
    """Return the step of one note: events are the pitches low..high, states the pitch before (the last state: none).

    root: pitch class of the chord. tones: cost of each of the 12 intervals above it as the rules see them (-1 forbids).
    memory: the interval that the riff has here, or NONE, and the trust in it.
    """
    rows, inside = _bent(model, tones, memory, trust, metre, quality, move)
    arriving, interval = _places(low, high, root)
    weight = rows.take(arriving)
    weight *= _reach(model, low, high)
    weight >>= 12
    # Nothing that is allowed weighs nothing.
    weight += inside.take(interval)
    return Step(weight, _after(*weight.shape))


@lru_cache(maxsize=2048)
def _bent(
    model: BassModel, tones: tuple[int, ...], memory: int, trust: int, metre: int, quality: int, move: int
) -> tuple[Ints, Ints]:
    # Weights of an interval after another, shape (13, 12), and which of the 12 the rules allow: the same in every key.
    rows = _free(model, metre, quality, move)
    if memory < NONE:
        right = int(weights(model.copy[trust, metre : metre + 1])[0])
        rows = rows * (TOP - right) >> 16
        rows[:, memory] = right
    rule = np.array(tones, dtype=np.int64)
    rows = rows * (weights(rule) * (rule >= 0)) >> 12
    # To stay on a tone that the rules like less is worse than to pass through it.
    rows[_TONES, _TONES] >>= STAY * (rule > 0)
    return rows, (rule >= 0).astype(np.int64)


@lru_cache(maxsize=128)
def _places(low: int, high: int, root: int) -> tuple[Ints, Ints]:
    # Where in a (13, 12) table each pair of pitches lies (no note before in the last row), and each pitch's interval.
    interval = (np.arange(low, high + 1) - root) % 12
    return np.append(interval, NONE)[:, None] * 12 + interval[None, :], interval
