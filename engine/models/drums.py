"""The fitted drum model: what songs are like, bar states, fills, and the mixtures of feet and hands.

A bar is two planes of sixteenths. *Feet* (and the voice of the snare): kick 1, speaking snare 2. *Hands*: what a
hand plays beside it, a cymbal, a crash, a ghost note or a tom. Either is drawn from a mixture of viewpoints, see
``models.strokes``; bar states are those of a hidden Markov model.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.models.dense import Dense
from engine.models.hmm import Hmm
from engine.models.mixture import Mixture
from engine.models.strokes import Traits
from engine.models.tables import load

Ints = NDArray[np.int64]

KICK, SNARE = 1, 2  # bits of a foot symbol
NO_CYMBAL, CLOSED, OPEN_HAT, RIDE_CYMBAL = range(4)
EXTRAS = 5  # none, ghost, tom 1, tom 2, floor tom
NONE, GHOST, TOM1, TOM2, FLOOR = range(EXTRAS)

# Every hand symbol: (cymbal, crash, extra) by code.
HANDS: Ints = np.array([(c, x, e) for c in range(4) for x in range(2) for e in range(EXTRAS)], dtype=np.int64)


class Drums(NamedTuple):
    """The tables of trained/STYLE/drums.npz, feet.npz and hands.npz; rows sum to 65,536.

    bars: hidden bar states (S of them) over clusters. profile: shape (S, features), a hundredth of
    each feature's unit; features: their names. symbols: the codes (of HANDS) that hand events stand for.
    patterns: percent of bars with a kick (16 slots), then a snare, of each kind of song, shape (kinds, 32).
    kinds: the states of each kind's bars, shape (kinds, S). songs, lengths: traits of real songs, and
    how many bars of them are known.
    crash: percent of bars that start with one, shape (2, 3): after a usual bar, or after another; every eighth bar,
    every fourth, elsewhere.
    fill: shape (16, 4, 4, 4): slot, the two before, symbol (kick 1, hand 2) in fills.
    voice: shape (4, 3, 5, 5, 4): quarter of the bar, gap class, voices two and one before (4: none),
    voice (snare, tom 1, tom 2, floor tom). feet, hands: mixtures, ready to be asked.
    """

    bars: Hmm
    profile: Ints
    features: tuple[str, ...]
    symbols: Ints
    patterns: Ints
    kinds: Ints
    songs: tuple[Traits, ...]
    lengths: tuple[int, ...]
    crash: Ints
    fill: Ints
    voice: Ints
    feet: Mixture
    feet_rows: Dense
    hands_rows: Dense

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
    songs = a["songs"].tolist()
    feet = Mixture.of(load(models, "feet"))
    return Drums(
        Hmm(a["start"], a["move"], a["emit"]), a["profile"], tuple(table.header["features"]), a["symbols"],
        a["patterns"], a["kinds"], tuple(Traits(*song[:-1]) for song in songs), tuple(song[-1] for song in songs),
        a["crash"], a["fill"], a["voice"], feet, Dense(feet), Dense(Mixture.of(load(models, "hands"))),
    )  # fmt: skip
