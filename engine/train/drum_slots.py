"""Slot models of drums: counting, copying, and what they pay for drumming they did not see."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.models.drums import HANDS, NO_BAR, RUNS
from engine.train.backoff import count, smooth
from engine.train.drum_bars import Bars, sets

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

SMOOTHING = 8.0
_CLASSES = NO_BAR + 1


class Slots(NamedTuple):
    """A take's symbols with what they are conditioned on, every field of shape (bars, 16).

    hand: columns of the hand vocabulary; the last column stands for every rare symbol.
    foot1, foot2, hand1: the symbols before. sets: what sounds, as ``drum_bars.sets``.
    """

    foot: Ints
    hand: Ints
    foot1: Ints
    foot2: Ints
    hand1: Ints
    sets: Ints


def slots_of(bars: Bars, columns: Ints) -> Slots:
    """Return the slots of a take. columns: shape (codes,), the hand column of every hand code."""
    hand = columns[bars.hand]
    return Slots(
        bars.foot, hand, _before(bars.foot, 1), _before(bars.foot, 2), _before(hand, 1), sets(bars.foot, bars.hand)
    )


def slot_tables(slots: list[Slots], states: list[Ints], size: int, hands: int) -> tuple[Floats, Floats]:
    """Return (foot, hand) probabilities, shapes as in ``models.drums.Drums``."""
    place = [np.tile(np.arange(16), len(s.foot)) for s in slots]
    state = [np.repeat(z, 16) for z in states]

    def flat(name: str) -> Ints:
        return np.concatenate([getattr(s, name).ravel() for s in slots])

    where, hidden = np.concatenate(place), np.concatenate(state)
    feet = count([where, hidden, flat("foot2"), flat("foot1")], flat("foot"), (16, size, 4, 4, 4))
    shape = (16, size, 4, hands, hands)
    hand = count([where, hidden, flat("foot"), flat("hand1")], flat("hand"), shape)
    return smooth(feet, SMOOTHING), smooth(hand, SMOOTHING)


def agreement(symbols: Ints, back: int) -> tuple[Ints, Ints]:
    """Return the symbol ``back`` bars before each (-1: none), and the class of the agreement up to there."""
    source = np.full_like(symbols, -1)
    source[back:] = symbols[:-back]
    same = (source == symbols).ravel()
    place = np.arange(len(same))
    last = np.maximum.accumulate(np.where(same, -1, place))  # the last slot that differed
    run = np.concatenate([[0], (place - last)[:-1]]).reshape(symbols.shape)
    classes = np.searchsorted(RUNS, run)
    return source, np.where(source < 0, NO_BAR, classes)


def keep_weights(chances: list[Floats], symbols: list[Ints], rounds: int = 30) -> Floats:
    """Return mixing weights of the model and of copying, shape (classes, classes, 3), by expectation maximisation.

    chances: what tables that did not see the take gave each symbol, shape (bars, 16).
    """
    parts, classes = [], []
    for chance, line in zip(chances, symbols, strict=True):
        (one, q1), (two, q2) = agreement(line, 1), agreement(line, 2)
        parts.append(np.stack([chance, one == line, two == line], axis=-1).reshape(-1, 3))
        classes.append((q1 * _CLASSES + q2).ravel())
    part, kind = np.concatenate(parts).astype(np.float64), np.concatenate(classes)
    possible = np.ones((_CLASSES, _CLASSES, 3))
    possible[NO_BAR, :, 1] = possible[:, NO_BAR, 2] = 0
    allowed = possible.reshape(-1, 3)
    weights = allowed / allowed.sum(axis=1, keepdims=True)
    for _ in range(rounds):
        share = weights[kind] * part
        share /= share.sum(axis=1, keepdims=True)
        found = np.stack([np.bincount(kind, share[:, i], len(weights)) for i in range(3)], axis=1)
        prior = found.sum(axis=0) / found.sum() * 5 * allowed
        weights = (found + prior) / (found + prior).sum(axis=1, keepdims=True)
    return np.asarray(weights.reshape(_CLASSES, _CLASSES, 3))


class Model(NamedTuple):
    """A drum model as probabilities, for measuring."""

    start: Floats
    move: Floats
    foot: Floats
    hand: Floats
    keep_foot: Floats
    keep_hand: Floats
    symbols: Ints


def set_bits(model: Model, songs: list[Slots], memory: bool = True) -> float:
    """Return bits a slot of what sounds, over takes; states are summed over, nothing later is seen.

    memory: let the model copy from the two bars before, as it plays; else from the fitted tables alone.
    """
    hands = model.hand.shape[-1]
    # to_set[f, h, d]: whether foot f and hand h sound as set d; a rare symbol may sound as anything.
    to_set = np.zeros((4, hands, 32))
    to_set[:, -1] = 1 / 32
    feet, known = np.meshgrid(np.arange(4), model.symbols, indexing="ij")
    for (f, h), heard in np.ndenumerate(sets(feet, known)):
        to_set[f, h, heard] = 1
    total, slots = 0.0, 0
    where = np.arange(16)
    for song in songs:
        bars = len(song.foot)
        foot = model.foot[where, :, song.foot2, song.foot1]  # bars, 16, S, 4
        hand = np.stack([model.hand[where, :, f, song.hand1] for f in range(4)], axis=3)  # bars, 16, S, 4, V
        if memory:
            foot = _remember(foot, model.keep_foot, song.foot)
            hand = _remember(hand, model.keep_hand, song.hand)
        joint = foot[..., None] * hand
        heard = np.einsum("btsfh,fhbt->bts", joint, to_set[:, :, song.sets])
        fine = joint[np.arange(bars)[:, None], where, :, song.foot, song.hand]
        belief = model.start
        for bar in range(bars):
            for t in range(16):
                total -= np.log2(belief @ heard[bar, t])
                belief = belief * fine[bar, t]
                belief = belief / belief.sum()
            belief = belief @ model.move
        slots += bars * 16
    return float(total) / slots


def _remember(chances: Floats, keep: Floats, symbols: Ints) -> Floats:
    (one, q1), (two, q2) = agreement(symbols, 1), agreement(symbols, 2)
    weights = keep[q1, q2]
    extra = (...,) + (None,) * (chances.ndim - 2)
    mixed = weights[..., 0][extra] * chances
    for index, source in ((1, one), (2, two)):
        bar, slot = np.nonzero(source >= 0)
        mixed[bar, slot, ..., source[bar, slot]] += weights[bar, slot, index][(...,) + (None,) * (chances.ndim - 3)]
    return np.asarray(mixed)


def _before(symbols: Ints, back: int) -> Ints:
    flat = np.concatenate([np.zeros(back, np.int64), symbols.ravel()[:-back]])
    return flat.reshape(symbols.shape)


def vocabulary(bars: list[Bars], least: int) -> tuple[Ints, Ints]:
    """Return (symbols, columns): the hand codes met at least so often, most common first, and every code's column."""
    counts = np.bincount(np.concatenate([b.hand.ravel() for b in bars]), minlength=len(HANDS))
    order = np.argsort(-counts, kind="stable")
    symbols = order[counts[order] >= least]
    columns = np.full(len(HANDS), len(symbols))
    columns[symbols] = np.arange(len(symbols))
    return symbols, columns
