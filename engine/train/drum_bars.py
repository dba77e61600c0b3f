"""Bars of drumming as the models see them: two planes of symbols on sixteenths, and what a bar is like."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.models.drums import CLOSED, EXTRAS, GHOST, HANDS, NO_CYMBAL, OPEN_HAT, RIDE_CYMBAL
from engine.train.corpora import gmd
from engine.train.corpora.gmd import Take

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

GHOST_BELOW = 60  # snare strokes softer than this fill in; louder ones speak (the velocities have two humps)

_CYMBAL = {gmd.HAT: CLOSED, gmd.OPEN: OPEN_HAT, gmd.RIDE: RIDE_CYMBAL, gmd.BELL: RIDE_CYMBAL}
_TOM = {gmd.TOM1: 2, gmd.TOM2: 3, gmd.FLOOR: 4}

# What a bar is like, each in the unit that makes it weigh about as much as the others.
FEATURES = (
    "kick", "kick_1", "kick_3", "backbeat", "snare_3", "snare_else", "else_first", "else_second", "closed", "open",
    "ride", "cymbal_offbeat", "crash", "tom_first", "tom_second", "ghost", "silence", "beats",
)  # fmt: skip


class Bars(NamedTuple):
    """A take bar by bar, shape (bars, 16) each.

    foot: kick 1, speaking snare (or cross-stick) 2. hand: a code of ``models.drums.HANDS``. A foot-pedalled
    hat is left out: it takes no hand.
    """

    name: str
    core: bool
    fill: bool
    foot: Ints
    hand: Ints


def bars_of(take: Take) -> Bars:
    """Return the two planes of a take."""
    size = take.bars * 16
    kick, snare, cymbal, crash, extra = (np.zeros(size, np.int64) for _ in range(5))
    for slot, _, pad, velocity in take.hits.tolist():
        if pad == gmd.KICK:
            kick[slot] = 1
        elif pad == gmd.STICK or (pad == gmd.SNARE and velocity >= GHOST_BELOW):
            snare[slot] = 1
        elif pad == gmd.SNARE:
            extra[slot] = extra[slot] or GHOST
        elif pad in _CYMBAL:
            cymbal[slot] = cymbal[slot] or _CYMBAL[pad]
        elif pad == gmd.CRASH:
            crash[slot] = 1
        elif pad in _TOM:
            extra[slot] = _TOM[pad]
    extra[(snare == 1) & (extra == GHOST)] = 0
    hand = (cymbal * 2 + crash) * EXTRAS + extra
    core = take.style.split("/")[0] in ("rock", "punk")
    return Bars(take.name, core, take.fill, (kick + 2 * snare).reshape(-1, 16), hand.reshape(-1, 16))


def sets(foot: Ints, hand: Ints) -> Ints:
    """Return what sounds as kick 1, snare 2, hat or ride 4, crash 8, tom 16."""
    cymbal, crash, extra = np.moveaxis(HANDS[hand], -1, 0)
    snare = (foot >> 1) | (extra == GHOST)
    heard = (foot & 1) + 2 * snare + 4 * (cymbal != NO_CYMBAL) + 8 * crash + 16 * (extra > GHOST)
    return np.asarray(heard, dtype=np.int64)


def _halves(grid: NDArray[np.int64] | NDArray[np.bool_]) -> Ints:
    return np.asarray(grid.reshape(-1, 2, 8).sum(axis=2).T, dtype=np.int64)


def features(bars: Bars) -> Floats:
    """Return what each bar is like, shape (bars, features): the columns are FEATURES."""
    kick, snare = bars.foot & 1, bars.foot >> 1
    cymbal, crash, extra = np.moveaxis(HANDS[bars.hand], -1, 0)
    back = snare[:, 4] + snare[:, 12]
    other = _halves(snare) - np.stack([snare[:, 4], snare[:, 12]])
    sounding = sets(bars.foot, bars.hand) > 0
    return np.stack(
        [
            kick.sum(axis=1) / 2, kick[:, 0], kick[:, 8], back, snare[:, 8], (snare.sum(axis=1) - back) / 2,
            *(other / 2), *((cymbal == kind).sum(axis=1) / 4 for kind in (CLOSED, OPEN_HAT, RIDE_CYMBAL)),
            (cymbal != NO_CYMBAL)[:, 1::2].sum(axis=1) / 3, crash.sum(axis=1) / 2, *(_halves(extra > GHOST) / 1.5),
            (extra == GHOST).sum(axis=1) / 2, (~sounding).sum(axis=1) / 4,
            sounding.reshape(-1, 4, 4).any(axis=2).sum(axis=1) / 1.5,
        ],
        axis=1,
    ).astype(np.float64)  # fmt: skip
