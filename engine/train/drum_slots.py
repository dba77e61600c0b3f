"""What the mixtures of feet and hands pay for drumming they did not see, with hidden states summed over."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.chain.costs import TOP
from engine.models.drums import HANDS
from engine.models.mixture import Mixture
from engine.models.strokes import FEET
from engine.train.drum_bars import Bars, sets
from engine.train.drum_songs import Song, feet_columns, hand_columns, uncrashed

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Model(NamedTuple):
    """What is needed to predict: start and moves of the hidden states, the two mixtures, the hands' vocabulary.

    columns: the hand column of every code of HANDS; the last column stands for all rare ones.
    """

    start: Floats
    move: Floats
    feet: Mixture
    hands: Mixture
    symbols: Ints
    columns: Ints


def set_bits(model: Model, songs: list[Song]) -> float:
    """Return bits a slot of what sounds, over songs; states are summed over, nothing later is seen."""
    to_set = _sounding(model)
    total, slots = 0.0, 0
    for song in songs:
        bars = len(song.bars.foot)
        heard, fine = _chances(model, song, to_set)
        belief = model.start
        for bar in range(bars):
            for slot in range(16 * bar, 16 * bar + 16):
                total -= float(np.log2(belief @ heard[:, slot]))
                belief = belief * fine[:, slot]
                belief = belief / belief.sum()
            belief = belief @ model.move
        slots += 16 * bars
    return total / slots


def _chances(model: Model, song: Song, to_set: Floats) -> tuple[Floats, Floats]:
    """Return under each state the chance of what sounded, and of the very symbols, shape (states, slots) each."""
    bars = uncrashed(song.bars)
    hand = model.columns[bars.hand]
    size = bars.foot.size
    sounded, foot, line = sets(bars.foot, bars.hand).ravel(), bars.foot.ravel(), hand.ravel()
    one = np.zeros(size, np.int64)
    heard, fine = [], []
    for state in range(len(model.start)):
        states = np.full(len(bars.foot), state)
        feet = model.feet.running_rows(feet_columns(song, states), foot, one) / TOP
        looks = hand_columns(song, states, hand, len(model.symbols) + 1)
        rows = np.stack([model.hands.rows({**looks, "foot": np.full(size, f)}) for f in range(FEET)], axis=1) / TOP
        joint = feet[:, :, None] * rows
        heard.append(np.einsum("tfh,fht->t", joint, to_set[:, :, sounded]))
        fine.append(joint[np.arange(size), foot, line])
    return np.array(heard), np.array(fine)


def _sounding(model: Model) -> Floats:
    """Return whether foot f and hand h sound as set d, shape (4, hands, 32); a rare symbol may sound as anything."""
    found = np.zeros((FEET, len(model.symbols) + 1, 32))
    found[:, -1] = 1 / 32
    feet, known = np.meshgrid(np.arange(FEET), model.symbols, indexing="ij")
    for (f, h), heard in np.ndenumerate(sets(feet, known)):
        found[f, h, heard] = 1
    return found


def vocabulary(bars: list[Bars], least: int) -> tuple[Ints, Ints]:
    """Return (symbols, columns): the hand codes met at least so often, most common first, and every code's column."""
    counts = np.bincount(np.concatenate([b.hand.ravel() for b in bars]), minlength=len(HANDS))
    order = np.argsort(-counts, kind="stable")
    symbols = order[counts[order] >= least]
    columns = np.full(len(HANDS), len(symbols))
    columns[symbols] = np.arange(len(symbols))
    return symbols, columns
