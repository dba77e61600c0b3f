"""The fitted lead guitar: onsets, and moves from note to note bent to the chord, as sampler steps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.chain.costs import NEVER, TOP, weights
from engine.chain.sampler import Step
from engine.models.beats import RhythmTable
from engine.models.tables import load

Ints = NDArray[np.int64]

CLASSES = 7  # of the move before: 0 leap down .. 5 leap up, 6 no move yet
RESET = 6
TRUST = 5  # the most a riff is trusted
_BOUNDS = (-4, -2, 0, 1, 3)
_LEAP = 112  # cost of every semitone beyond a third, over the corpus, whose synthesizers leap more than guitars
_REPEAT = 300  # cost of the same note again: guitars do it less
_FAR = 10 * 256  # cost of a move beyond an octave
_WIDEST = 60  # semitones: more than any lead spans
_RUN = 160  # cost of every semitone beyond a third within a run, over that


@dataclass(frozen=True, eq=False)
class LeadModel:
    """Costs, 256 to the bit; shapes as told in ``train.lead_lines.lick_arrays``."""

    rhythm: RhythmTable
    free: RhythmTable
    move: Ints
    copy: Ints
    tone: Ints


@lru_cache(maxsize=8)
def lead_model(models: str) -> LeadModel:
    """Return the lead guitar of a set of models; raises ModelError."""
    arrays = {name: np.asarray(array, dtype=np.int64) for name, array in load(models, "lead").arrays.items()}
    return LeadModel(
        rhythm=RhythmTable(arrays["rhythm"]),
        free=RhythmTable(arrays["free"]),
        **{name: arrays[name] for name in ("move", "copy", "tone")},
    )


def start_state(pitches: tuple[int, ...], before: int = -1) -> int:
    """Return the state before a line: after the pitch ``before`` when it is one of ``pitches``, or of no note."""
    return pitches.index(before) * CLASSES + RESET if before in pitches else len(pitches) * CLASSES


@lru_cache(maxsize=4)
def _leaps(model: LeadModel, runs: bool) -> tuple[Ints, Ints]:
    # For leaps of -_WIDEST to _WIDEST semitones: weights, by class of the move before; and the class of the move.
    leap = np.arange(-_WIDEST, _WIDEST + 1)
    most = model.move.shape[1] // 2
    bend = np.where(leap == 0, _REPEAT, _LEAP * np.maximum(np.abs(leap) - 4, 0))
    bend += _RUN * runs * np.maximum(np.abs(leap) - 3, 0)
    cost = np.where(np.abs(leap) > most, _FAR, model.move[:, np.clip(leap, -most, most) + most] + bend)
    return weights(cost), np.digitize(leap, _BOUNDS)


@lru_cache(maxsize=64)
def _moves(model: LeadModel, pitches: tuple[int, ...], runs: bool) -> tuple[Ints, Ints]:
    # (weights, after), shape (pitches * CLASSES + 1, pitches); each row of weights sums to about 2**16.
    table, kind = _leaps(model, runs)
    heights, count = _heights(pitches), len(pitches)
    places = heights[None, :] - heights[:, None] + _WIDEST
    weight = np.full((count * CLASSES + 1, count), TOP, dtype=np.int64)
    weight[:-1] = table[:, places].transpose(1, 0, 2).reshape(-1, count)
    weight *= TOP
    weight //= weight.sum(axis=1, keepdims=True) >> 16
    np.maximum(weight, 1, out=weight)
    after = np.full((count * CLASSES + 1, count), RESET, dtype=np.int64)
    after[:-1] = kind[places].repeat(CLASSES, axis=0)
    after += np.arange(count) * CLASSES
    return weight, after


@lru_cache(maxsize=256)
def _copied(model: LeadModel, pitches: tuple[int, ...], runs: bool, place: int, trust: int) -> Ints:
    # The moves, where the pitch of a place is remembered.
    right = int(weights(model.copy[trust : trust + 1])[0])
    rows: Ints = _moves(model, pitches, runs)[0] * (TOP - right) >> 16
    rows[:, place] = right
    return rows


@lru_cache(maxsize=64)
def _heights(pitches: tuple[int, ...]) -> Ints:
    return np.array(pitches)


@lru_cache(maxsize=512)
def lick_step(
    model: LeadModel,
    pitches: tuple[int, ...],
    root: int,
    quality: int,
    metre: int,
    rules: tuple[int, ...],
    memory: int = -1,
    trust: int = TRUST,
    target: int = -1,
    pull: int = 0,
    runs: bool = False,
) -> Step:
    """Return the step of one note: events are ``pitches``, states the pitch before and the move to it.

    root, quality: of the chord (0 major, 1 minor, 2 neither). metre: 0 downbeat .. 4 sixteenth. rules: cost of each
    pitch as the rules see it, -1 forbids. memory: the pitch a riff would have here, or -1. target: the pitch that the
    line's shape would have here, or -1; pull: cost of every semitone away from it. runs: the note before is no more
    than an eighth away.
    """
    rows, after = _moves(model, pitches, runs)
    if memory in pitches:
        rows = _copied(model, pitches, runs, pitches.index(memory), trust)
    # So few numbers are quicker one by one than as arrays.
    tones = _tones(model, metre, quality)
    if target >= 0 and pull:
        cost = [
            rule + tones[(pitch - root) % 12] + pull * abs(pitch - target) if rule >= 0 else NEVER
            for pitch, rule in zip(pitches, rules, strict=True)
        ]
    else:
        cost = [
            rule + tones[(pitch - root) % 12] if rule >= 0 else NEVER
            for pitch, rule in zip(pitches, rules, strict=True)
        ]
    least = min(cost)
    if least < NEVER:
        cost = [value - least if value != NEVER else NEVER for value in cost]
    bent = weights(np.array(cost))
    bend = rows * bent
    bend >>= 10
    np.maximum(bend, bent > 0, out=bend)
    return Step(bend, after)


@lru_cache(maxsize=256)
def _tones(model: LeadModel, metre: int, quality: int) -> list[int]:
    found: list[int] = model.tone[metre, quality].tolist()
    return found
