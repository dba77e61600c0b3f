"""The fitted drum model: bar states, and what feet and hands play in each.

A bar is two planes of sixteenths. *Feet* (and the voice of the snare): kick 1, speaking snare 2. *Hands*:
what a hand plays beside it, a cymbal, a crash, a ghost note or a tom, given the feet. Either is a Markov
model conditioned on the bar's hidden state and the slot, mixed with a copy of the bar before: how far
the bar has agreed with it so far says how likely it goes on so.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.chain.costs import TOP
from engine.models.hmm import Hmm
from engine.models.tables import load

Ints = NDArray[np.int64]

KICK, SNARE = 1, 2  # bits of a foot symbol
NO_CYMBAL, CLOSED, OPEN_HAT, RIDE_CYMBAL = range(4)
EXTRAS = 5  # none, ghost, tom 1, tom 2, floor tom
NONE, GHOST, TOM1, TOM2, FLOOR = range(EXTRAS)

# Every hand symbol: (cymbal, crash, extra) by code.
HANDS: Ints = np.array([(c, x, e) for c in range(4) for x in range(2) for e in range(EXTRAS)], dtype=np.int64)

# How long a bar has agreed with another: slots in a row, up to each bound; then no such bar.
RUNS = (0, 1, 3, 7)
NO_BAR = len(RUNS) + 1


class Drums(NamedTuple):
    """The tables of trained/STYLE/drums.npz; rows sum to 65,536.

    bars: hidden bar states (S of them) over clusters. profile: shape (S, features), a hundredth of
    each feature's unit; features: their names. symbols: the codes (of HANDS) that hand columns stand
    for. foot: shape (16, S, 4, 4, 4): slot, state, the symbols two and one before, symbol.
    hand: shape (16, S, 4, V, V): slot, state, foot symbol here, hand symbol before, symbol.
    keep_foot, keep_hand: shape (6, 6, 3): agreement with the bar before and with the one before that
    (classes of RUNS, NO_BAR), then weight of the model, of copying the one, of copying the other.
    fill: shape (16, 4, 4, 4): slot, the two before, symbol (kick 1, hand 2) in fills.
    voice: shape (4, 3, 5, 5, 4): quarter of the bar, gap class, voices two and one before (4: none),
    voice (snare, tom 1, tom 2, floor tom).
    """

    bars: Hmm
    profile: Ints
    features: tuple[str, ...]
    symbols: Ints
    foot: Ints
    hand: Ints
    keep_foot: Ints
    keep_hand: Ints
    fill: Ints
    voice: Ints

    @property
    def states(self) -> int:
        """Number of bar states."""
        return len(self.profile)

    def feature(self, name: str) -> Ints:
        """Return one feature of every state."""
        return self.profile[:, self.features.index(name)]


def load_drums(models: str | Path) -> Drums:
    """Return the drum model of a set of fitted tables; raises ModelError."""
    return _load(str(models))


@lru_cache(maxsize=8)
def _load(models: str) -> Drums:
    table = load(models, "drums")
    a = {name: data.astype(np.int64) for name, data in table.arrays.items()}
    return Drums(
        Hmm(a["start"], a["move"], a["emit"]), a["profile"], tuple(table.header["features"]), a["symbols"],
        a["foot"], a["hand"], a["keep_foot"], a["keep_hand"], a["fill"], a["voice"],
    )  # fmt: skip


def copied(model: Ints, keep: Ints, source: int, choices: int) -> Ints:
    """Return rows of a model mixed with a copy of ``source``, for every class of agreement with one bar before.

    model: shape (..., choices). Returns shape (classes, ..., choices), rows of about 65,536.
    """
    weights = keep[: len(RUNS) + 1, NO_BAR]
    shape = (-1,) + (1,) * model.ndim
    copy = np.where(np.arange(choices) == source, TOP, 0)
    return (weights[:, 0].reshape(shape) * model + weights[:, 1].reshape(shape) * copy) >> 16
