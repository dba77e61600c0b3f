"""Fitted tables of a learnt style: its own counts over the parent's tables, by how much there is of either.

A context's row is the parent's with so many events' worth of belief (*strength*), and the style's own counts: a
Dirichlet prior. Where the parent knows a context the style has hardly met, the parent's row is first bent by what
the style has learnt of the shorter context (Kneser, Peters and Klakow, Language model adaptation using dynamic
marginals, 1997), so that a change that is everywhere is also where nothing was counted. The weights between views
stay the parent's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.learn.count_views import ONE
from engine.learn.counts import Counts
from engine.learn.parent import chances
from engine.learn.raw import Ints
from engine.models.backoff import TRUST, Backoff, Level
from engine.models.mixture import Mixture
from engine.models.viewpoints import Space, find

Floats = NDArray[np.float64]

STRENGTHS = (4.0, 16.0, 64.0, 256.0)
USUAL = 32.0
_BEND = 0.7  # how far a row follows what was learnt of the shorter context


def merged(mixture: Mixture, counts: Counts, table: str, strength: float) -> Mixture:
    """Return a mixture that knows the counts of ``table`` (its name with a side) beside its own.

    strength: how many events of a context the parent's row is worth.
    """
    chains = tuple(
        _chain(chain, mixture.space, counts, f"{table}/{number}", strength)
        for number, chain in enumerate(mixture.chains)
    )
    return mixture._replace(chains=chains)


def _chain(chain: Backoff, space: Space, counts: Counts, table: str, strength: float) -> Backoff:
    width = chain.levels[0].costs.shape[1]
    levels: list[Level] = []
    # Of the context without its last column: keys, the parent's row, the new row.
    above = np.zeros(1, dtype=np.int64)
    old_above = new_above = np.full((1, width), 1 / width)
    for length, level in enumerate(chain.levels):
        cells, values = counts.table(f"{table}/{length}")
        known, songs = counts.table(f"{table}/{length}/songs")
        keys = np.union1d(level.keys, known)
        size = space.sizes[chain.view.columns[length - 1]] if length else 1
        shorter = np.searchsorted(above, keys // size) if length else np.zeros(1, dtype=np.int64)
        place = find(level.keys, keys)
        old = old_above[shorter]
        old[place >= 0] = chances(level.costs[place[place >= 0]])
        bend = (new_above[shorter] / np.maximum(old_above[shorter], 1e-12)) ** _BEND if length else 1.0
        prior = old * bend
        prior /= prior.sum(axis=1, keepdims=True)
        own = np.zeros((len(keys), width))
        own[np.searchsorted(keys, cells // width), cells % width] = values / ONE
        new = (own + strength * prior) / (own.sum(axis=1, keepdims=True) + strength)
        trust = np.zeros(len(keys), dtype=np.int64)
        trust[place >= 0] = 1 << level.trust[place[place >= 0]].astype(np.int64)
        trust[np.searchsorted(keys, known)] += songs
        levels.append(
            Level(
                keys,
                np.minimum(np.rint(-256 * np.log2(np.maximum(new, 2.0**-100))), 32000).astype(np.int16),
                np.minimum(np.log2(np.maximum(trust, 1)), TRUST - 1).astype(np.uint8),
            )
        )
        above, old_above, new_above = keys, old, new
    return Backoff(chain.view, tuple(levels))


def own_share(mixture: Mixture, counts: Counts, table: str, strength: float) -> float:
    """Return how much of the rows of a mixture is the style's own, over the contexts that it meets, 0..1."""
    shares = []
    for number, chain in enumerate(mixture.chains):
        cells, values = counts.table(f"{table}/{number}/{len(chain.levels) - 1}")
        if len(cells):
            total = (
                np.bincount(np.unique(cells // chain.levels[0].costs.shape[1], return_inverse=True)[1], values) / ONE
            )
            shares.append(float((total * total / (total + strength)).sum() / total.sum()))
    return sum(shares) / len(shares) if shares else 0.0


def blended(costs: NDArray[np.int64], own: Ints, strength: float) -> NDArray[np.int16]:
    """Return a table of costs, as dense as the parent's, with own counts of the same shape (the last axis the
    event)."""
    prior = chances(costs)
    new = (own + strength * prior) / (own.sum(axis=-1, keepdims=True) + strength)
    return np.asarray(np.minimum(np.rint(-256 * np.log2(np.maximum(new, 1e-9))), 20 * 256), dtype=np.int16)


def mixed_rows(parent: Ints, own: Ints, strength: int, most: int = 1024) -> Ints:
    """Return rows of songs of which the own ones have the share n / (n + strength), each side evenly thinned or
    repeated.

    Rows are drawn at random when composing, so shares are made of numbers of rows.
    """
    if not len(own):
        return parent
    share = len(own) / (len(own) + strength)
    total = min(max(len(parent), len(own), 64), most)
    mine = min(max(round(total * share), 1), total)
    return np.concatenate([_spread(own, mine), _spread(parent, total - mine)])


def _spread(rows: Ints, count: int) -> Ints:
    return rows[np.arange(count) * len(rows) // max(count, 1)]
