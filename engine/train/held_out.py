"""How well a mixture predicts songs it has not seen, against a plain bigram of the same events."""

from __future__ import annotations

from collections.abc import Set

import numpy as np

from engine.models.mixture import Design
from engine.models.viewpoints import Columns, Ints, Space
from engine.train import fit_mixture
from engine.train.base import Score, Tell


def evaluate(
    name: str,
    unit: str,
    space: Space,
    design: Design,
    columns: Columns,
    events: Ints,
    songs: Ints,
    test: Set[int],
    tell: Tell,
) -> Score:
    """Return bits an event on the songs numbered in ``test``, fitted on all others; tells them too.

    Each song is remembered from its first event on, as when it is composed. The bigram knows the event
    before in the same song, with add-half smoothing.
    """
    unseen = np.isin(songs, sorted(test))
    fitted = fit_mixture.fit(
        space, design, {k: v[~unseen] for k, v in columns.items()}, events[~unseen], songs[~unseen]
    ).mixture
    rows = fitted.running_rows({k: v[unseen] for k, v in columns.items()}, events[unseen], songs[unseen])
    chosen = rows[np.arange(len(rows)), events[unseen]]
    bits = float(-np.log2(np.maximum(chosen, 0.5) / rows.sum(axis=1)).mean())
    previous = np.where(np.diff(songs, prepend=-1) != 0, space.events, np.roll(events, 1))
    score = Score(name, unit, int(unseen.sum()), bits, bigram_bits(previous, events, space.events, unseen))
    tell(f"{name}: {score.bits:.3f} bits a {unit} held out, bigram {score.bigram:.3f}")
    return score


def bigram_bits(previous: Ints, events: Ints, size: int, unseen: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    """Return the bits of a plain bigram, counted where not ``unseen``, with add-half smoothing."""
    counts = np.full((int(previous.max()) + 1, size), 0.5)
    np.add.at(counts, (previous[~unseen], events[~unseen]), 1)
    share = counts / counts.sum(axis=1, keepdims=True)
    return float(-np.log2(share[previous[unseen], events[unseen]]).mean())
