"""Bars: where the file is silent or wrong, the metre and the first bar line that its accents speak for.

Every metre and every shift of it is a candidate. Its features are how much stronger than usual onsets, basses,
changes of harmony, long notes and drums are on its downbeats, half bars, beats and off-beats, and how much the song
is like itself a bar later; weights are those of a conditional logit (McFadden 1974), fitted by
``engine.train.fit_metre``.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.learn.grid import TRACK, Laid
from engine.learn.raw import LENGTH, PITCH, START, VELOCITY, Ints
from engine.models.tables import load
from engine.theory.meter import SLOT, Meter

Floats = NDArray[np.float64]

METERS = (Meter(4, 4), Meter(3, 4), Meter(6, 8), Meter(12, 8), Meter(5, 4), Meter(7, 8), Meter(9, 8), Meter(7, 4))
ACCENTS = ("onsets", "bass", "harmony", "long", "kick", "snare", "crash", "loud", "bar harmony", "root", "pause")
# Metres that another's bars stand for.
SAME = {Meter(2, 2): Meter(4, 4), Meter(6, 4): Meter(3, 4), Meter(4, 8): Meter(4, 4)}
_LEVELS = 5
_KICK, _SNARE, _CRASH = (35, 36), (37, 38, 39, 40), (49, 52, 55, 57)
_REACH = 8  # slots before and after which harmonies are compared
_MAX_SLOTS = 8192
SCALE = 1000


class Candidates(NamedTuple):
    """Every metre at every shift: shifts in slots from the grid's zero, features of shape (candidates, features)."""

    meters: Ints
    shifts: Ints
    features: Floats


def accents(notes: Ints, drums: NDArray[np.bool_]) -> tuple[Floats, Floats, int]:
    """Return accents of every slot, shape (len(ACCENTS), slots), what sounds there, shape (slots, 15), and the first
    slot.

    notes: laid notes; drums: for every track whether it is one. Accents have a mean of one, or are all zero.
    """
    slots = notes[:, START] // SLOT
    first = int(slots.min())
    at = slots - first
    inside = at < _MAX_SLOTS
    notes, at = notes[inside], at[inside]
    size = int(at.max()) + 1
    hit = drums[notes[:, TRACK]]
    pitched, there = notes[~hit], at[~hit]
    table = np.zeros((len(ACCENTS), size))
    table[0] = np.log1p(np.bincount(there, minlength=size))
    low = np.full(size, 128)
    np.minimum.at(low, there, pitched[:, PITCH])
    table[1] = low < (np.median(low[low < 128]) if (low < 128).any() else 128)
    weight = np.sqrt(np.minimum(pitched[:, LENGTH], 8 * SLOT) / SLOT)
    cells = there * 12 + pitched[:, PITCH] % 12
    chroma = np.bincount(cells, weight, minlength=12 * size).astype(float).reshape(size, 12)
    table[2], table[8] = _changes(chroma, _REACH), _changes(chroma, 2 * _REACH)
    np.maximum.at(table[3], there, np.log1p(pitched[:, LENGTH] / SLOT))
    struck = notes[hit]
    for row, sounds in ((4, _KICK), (5, _SNARE), (6, _CRASH)):
        table[row, at[hit][np.isin(struck[:, PITCH], sounds)]] = 1
    table[7] = np.bincount(at, notes[:, VELOCITY] / 127, minlength=size)
    basses = np.flatnonzero(table[1])
    table[9, basses[1:][np.diff(low[basses]) % 12 != 0]] = 1
    table[10] = _pauses(pitched, there, size)
    means = table.mean(axis=1, keepdims=True)
    table = np.where(means > 1e-9, table / np.maximum(means, 1e-9), 0)
    sounding = np.concatenate([chroma / max(1e-9, float(chroma.mean())), table[4:7].T], axis=1)
    return table, sounding, first


def candidates(notes: Ints, drums: NDArray[np.bool_], origin: float | None) -> Candidates:
    """Return all candidates. origin: the slot where the file begins, where that may be a bar line, or None."""
    table, sounding, first = accents(notes, drums)
    size = table.shape[1]
    loudness = float((sounding * sounding).sum()) or 1.0
    lags = {lag for meter in METERS for lag in (meter.slots, 2 * meter.slots)}
    again = {lag: _again(sounding, lag, loudness) for lag in lags}
    rows, meters, shifts = [], [], []
    for number, meter in enumerate(METERS):
        width = meter.slots
        bars = -(-size // width)
        padded = np.zeros((len(ACCENTS), bars * width))
        padded[:, :size] = table
        profile = padded.reshape(len(ACCENTS), bars, width).sum(axis=1) / max(1.0, size / width)
        # The mean accent of each level at each shift, less the mean of all slots.
        shifted = profile[:, _turns(width)] @ _levels(number)
        features = (shifted - (profile.mean(axis=1) > 0)[:, None, None] * 1.0).transpose(1, 0, 2).reshape(width, -1)
        own = np.zeros((width, len(METERS) + 4))
        own[:, number] = 1
        own[:, len(METERS) : len(METERS) + 2] = again[width], again[2 * width]
        if origin is not None:
            own[int(round(origin) - first) % width, len(METERS) + 2] = 1
        own[0, len(METERS) + 3] = 1  # the first note is a downbeat
        rows.append(np.concatenate([features, own], axis=1))
        meters += [number] * width
        shifts += [first + shift for shift in range(width)]
    return Candidates(np.array(meters), np.array(shifts), np.concatenate(rows))


def chances(found: Candidates, weights: Ints) -> Floats:
    """Return the chance of every candidate under fitted weights (thousandths)."""
    scores = found.features @ (weights / SCALE)
    like = np.exp(scores - scores.max())
    share: Floats = like / like.sum()
    return share


class Bars(NamedTuple):
    """A metre, the slot of a bar line, how sure that is (0..1)."""

    meter: Meter
    shift: int
    confidence: float


def find_bars(
    laid: Laid, drums: NDArray[np.bool_], origin: float | None, models: str | Path = "listen"
) -> tuple[Bars, Candidates, Floats]:
    """Return the likeliest bars, and the chance of every candidate."""
    found = candidates(laid.notes, drums, origin)
    share = chances(found, load(models, "metre").arrays["weights"])
    best = int(share.argmax())
    return Bars(METERS[found.meters[best]], int(found.shifts[best]), float(share[best])), found, share


def right(found: Candidates, meter: Meter, shift: int) -> NDArray[np.bool_]:
    """Return which candidates set the bar lines where they are, up to bars of half or double length."""
    same = np.zeros(len(found.meters), bool)
    meter = SAME.get(meter, meter)
    for number, other in enumerate(METERS):
        mine = found.meters == number
        if other == meter or {other, meter} == {Meter(6, 8), Meter(12, 8)} or (meter == Meter(2, 4) and number == 0):
            same |= mine & ((found.shifts - shift) % min(meter.slots, other.slots) == 0)
    return same


def _changes(chroma: Floats, reach: int) -> Floats:
    # How unlike the harmony before and after each slot are; nothing where one is silent.
    sums = np.concatenate([np.zeros((1, 12)), np.cumsum(chroma, axis=0)])
    size = len(chroma)
    here = np.arange(size)
    after = sums[np.minimum(here + reach, size)] - sums[here]
    before = sums[here] - sums[np.maximum(here - reach, 0)]
    lengths = np.sqrt((after * after).sum(axis=1) * (before * before).sum(axis=1))
    alike = (after * before).sum(axis=1) / np.maximum(lengths, 1e-9)
    # Only where something begins: the silence between two chords changes nothing.
    struck = chroma.sum(axis=1) > 0
    changes: Floats = np.where(struck & (lengths > 0), 1 - alike, 0)
    return changes


def _pauses(notes: Ints, at: Ints, size: int) -> Floats:
    # Where something sets in after its track was silent for two beats.
    order = np.lexsort((at, notes[:, TRACK]))
    tracks, slots = notes[order, TRACK], at[order]
    ends = slots + notes[order, LENGTH] // SLOT
    if not len(notes):
        return np.zeros(size)
    fresh = np.append(True, (np.diff(tracks) != 0) | (slots[1:] - ends[:-1] >= 8))
    return np.bincount(slots[fresh], minlength=size).astype(float)


def _again(sounding: Floats, lag: int, loudness: float) -> float:
    if len(sounding) <= lag:
        return 0.0
    return float(np.vdot(sounding[:-lag], sounding[lag:])) / loudness


@lru_cache(maxsize=32)
def _turns(width: int) -> Ints:
    # Row s: the slots of a bar that begins s slots late.
    return (np.arange(width)[:, None] + np.arange(width)[None, :]) % width


@lru_cache(maxsize=16)
def _levels(number: int) -> Floats:
    # Column l: the mean over the slots of metrical weight l.
    meter = METERS[number]
    weights = np.array([meter.weight(slot) for slot in range(meter.slots)])
    member = (weights[:, None] == np.arange(_LEVELS)[None, :]).astype(float)
    means: Floats = member / np.maximum(member.sum(axis=0, keepdims=True), 1)
    return means
