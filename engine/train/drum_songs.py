"""Drumming as lines of events: what each song is like as a whole, and what the mixtures look at in every slot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.models.drums import EXTRAS, GHOST, HANDS, NO_CYMBAL
from engine.models.strokes import DENSE, FEET, GHOSTS, NONE, PEDALS, PERIODS, UNKNOWN, VARIES, Traits, echo, pace
from engine.train.corpora import freedoom_drums, machine_patterns
from engine.train.corpora.gmd import PAD, PEDAL, SLOT_OF, Take
from engine.train.drum_bars import Bars, sets

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_SHORTER = 0.8  # an older bar must be so much nearer than the one before to count as what a groove answers
TYPED = (freedoom_drums.STYLE, machine_patterns.STYLE)  # styles of takes whose velocities nobody played
_OFTEN = 0.4  # of bars
_FILL_TOMS = 2  # toms on so many slots make a fill
_TURN, _TIMES = 5, 2.0  # a bar that differs by more strokes and so many times the median is a fill or a new section


class Song(NamedTuple):
    """A take without its silent bars, and what it is like.

    tempo: beats a minute. usual: whether each bar goes on with the groove; others are fills, or begin something new.
    """

    bars: Bars
    tempo: int
    traits: Traits
    usual: NDArray[np.bool_]


def sounding(bars: Bars) -> Bars:
    """Return a take without the bars in which nothing sounds."""
    heard = (sets(bars.foot, bars.hand) > 0).any(axis=1)
    return bars._replace(foot=bars.foot[heard], hand=bars.hand[heard])


def uncrashed(bars: Bars) -> Bars:
    """Return a take with the leading cymbal in the place of crashes: where a crash falls is planned, not drawn."""
    cymbal, crash, extra = np.moveaxis(HANDS[bars.hand], -1, 0)
    lead = leads(bars)[:, None]
    led = np.where(
        (cymbal == NO_CYMBAL) & (crash == 1) & (extra <= GHOST), np.where(lead < EXTRAS - 1, lead, 0), cymbal
    )
    return bars._replace(hand=(led * 2) * EXTRAS + extra)


def pattern(bars: Bars) -> Floats:
    """Return how often kick and snare sound on each slot of the bar, shape (32,)."""
    return np.concatenate([(bars.foot & 1).mean(axis=0), (bars.foot >> 1).mean(axis=0)]).astype(np.float64)


def song_of(take: Take, bars: Bars, kind: int, fills: float, crashes: float) -> Song:
    """Return a take, of which ``bars`` are known, and what it is like.

    kind: its cluster of patterns. fills, crashes: the usual share of bars that are fills, or start with a crash. How
    much a song varies is told from the bars that go on with the groove, since fills and new sections are planned.
    """
    heard = sets(bars.foot, bars.hand)
    cells = np.concatenate([heard & 1, heard >> 1 & 1, heard >> 2 & 1], axis=1)
    distances = [_distances(cells, lag) for lag in PERIODS]
    apart = [float(found[_going_on(found)].mean()) if len(found) else 99.0 for found in distances]
    period = 0
    for longer in (1, 2):
        if apart[longer] < apart[period] * _SHORTER - 0.1:
            period = longer
    lag = PERIODS[period]
    usual = np.concatenate([[True], _going_on(distances[0])[: lag - 1], _going_on(distances[period])])[: len(cells)]
    cymbal, crash, extra = np.moveaxis(HANDS[bars.hand], -1, 0)
    strokes, ghosts = (10 * float(part.sum(axis=1).mean()) for part in (cymbal != NO_CYMBAL, extra == GHOST))
    played = take.style not in TYPED
    traits = Traits(
        kind, period, _class(10 * apart[period], VARIES), _class(10 * apart[0], VARIES), _class(strokes, DENSE),
        _class(ghosts, GHOSTS) if played else UNKNOWN, min(round(100 * fill_share(bars) / fills), 300),
        min(round(100 * float(crash[:, 0].mean()) / crashes), 300),
        _pedal(take) if played else UNKNOWN,
    )  # fmt: skip
    return Song(bars, take.tempo, traits, usual)


def _pedal(take: Take) -> int:
    """Return the figure of PEDALS that the left foot keeps to, 0 for none."""
    places = take.hits[take.hits[:, PAD] == PEDAL, SLOT_OF] % 16
    share = np.bincount(places, minlength=16) / max(take.bars, 1)
    often = [number for number, slots in enumerate(PEDALS) if slots and share[list(slots)].min() > _OFTEN]
    # Quarters hold two and four as well.
    return max(often, default=0)


def fill_share(bars: Bars) -> float:
    """Return the share of bars that hold a fill on toms."""
    extra = HANDS[bars.hand][..., 2]
    return float(((extra > GHOST).sum(axis=1) >= _FILL_TOMS).mean())


def crash_share(bars: Bars) -> float:
    """Return the share of bars that start with a crash."""
    return float(HANDS[bars.hand[:, 0]][:, 1].mean())


def crashes(songs: Sequence[Song]) -> Ints:
    """Return percent of bars that start with a crash, shape (2, 3).

    After a bar that goes on with the groove, or after another; every eighth bar, every fourth, or elsewhere.
    """
    seen, struck = np.ones((2, 3)), np.full((2, 3), 0.2)
    for song in songs:
        bar = np.arange(1, len(song.usual))
        place = np.where(bar % 8 == 0, 0, np.where(bar % 4 == 0, 1, 2))
        after = 1 - song.usual[:-1].astype(np.int64)
        np.add.at(seen, (after, place), 1)
        np.add.at(struck, (after, place), HANDS[song.bars.hand[1:, 0]][:, 1])
    return np.rint(100 * struck / seen).astype(np.int64)


def _distances(cells: Ints, lag: int) -> Ints:
    """Return in how many strokes each bar differs from the one ``lag`` before."""
    return np.asarray((cells[lag:] != cells[:-lag]).sum(axis=1), dtype=np.int64)


def _going_on(distances: Ints) -> NDArray[np.bool_]:
    if not len(distances):
        return np.zeros(0, dtype=np.bool_)
    return np.asarray(distances <= max(_TURN, _TIMES * float(np.median(distances))))


def _class(value: float, bounds: tuple[int, ...]) -> int:
    return sum(value >= bound for bound in bounds)


def feet_columns(song: Song, state: Ints) -> dict[str, Ints]:
    """Return the columns of the feet of all slots of a song. state: of each bar."""
    foot = song.bars.foot
    line = foot.ravel()
    old, vary = _older(line, song.traits, NONE)
    old_one, old_two = _older(line, song.traits, NONE, 1)[0], _older(line, song.traits, NONE, 2)[0]
    one, two = _back(line, 1, 0), _back(line, 2, 0)
    slot = np.tile(np.arange(16), len(foot))
    none = old == NONE
    return {
        "slot": slot, "beat": slot % 4, "last": one, "last2": two * FEET + one,
        "kind": np.full_like(line, song.traits.kind), "state": np.repeat(state, 16), "old": old,
        "near": _back(line, 16, NONE), "same": _same(line, old),
        "echo": np.where(none, 0, echo(one, two, old_one, old_two)),
        "vary": vary, "period": np.full_like(line, song.traits.period),
        "pace": np.full_like(line, pace(song.tempo)),
    }  # fmt: skip


def hand_columns(song: Song, state: Ints, hand: Ints, symbols: int) -> dict[str, Ints]:
    """Return the columns of the hands. hand: the column of every hand symbol, shape (bars, 16)."""
    line = hand.ravel()
    old, vary = _older(line, song.traits, symbols)
    slot = np.tile(np.arange(16), len(hand))
    return {
        "slot": slot, "beat": slot % 4, "foot": song.bars.foot.ravel(), "last": _back(line, 1, 0),
        "state": np.repeat(state, 16), "lead": np.repeat(leads(song.bars), 16), "old": old, "same": _same(line, old),
        "vary": vary, "dense": np.full_like(line, song.traits.dense),
        "ghosts": np.full_like(line, song.traits.ghosts),
    }  # fmt: skip


def _older(line: Ints, traits: Traits, otherwise: int, back: int = 0) -> tuple[Ints, Ints]:
    """Return the symbol (``back`` slots before) of the bar that each bar answers, and how closely it answers it.

    Until the groove comes again a bar answers the one before.
    """
    lag = 16 * PERIODS[traits.period]
    old = _back(line, lag + back, otherwise)
    old[:lag] = _back(line, 16 + back, otherwise)[:lag]
    return old, np.where(np.arange(len(line)) < lag, traits.near, traits.vary)


def leads(bars: Bars) -> Ints:
    """Return what time is kept on in each bar: the cymbal, or the toms, struck most; 0 for none."""
    cymbal, _, extra = np.moveaxis(HANDS[bars.hand], -1, 0)
    strokes = [np.full(len(cymbal), 2), *((cymbal == kind).sum(axis=1) for kind in (1, 2, 3))]
    return np.asarray(np.argmax([*strokes, (extra > GHOST).sum(axis=1)], axis=0), dtype=np.int64)


def _back(line: Ints, lag: int, otherwise: int) -> Ints:
    found = np.full_like(line, otherwise)
    if lag < len(line):
        found[lag:] = line[:-lag]
    return found


def _same(line: Ints, old: Ints) -> Ints:
    """Return whether a bar has agreed with the older one up to each slot."""
    agrees = (line == old).reshape(-1, 16)
    before = np.concatenate([np.ones((len(agrees), 1), bool), agrees[:, :-1]], axis=1)
    return np.asarray(np.cumprod(before, axis=1).ravel(), dtype=np.int64)
