"""Rhythm of any voice on the sixteenth grid: metre, syncopation, and how alike its bars are."""

from __future__ import annotations

import numpy as np

from engine.measure.piece import Bools, Ints, Piece


def metre_weights(piece: Piece) -> Ints:
    """Return the metrical weight of every slot of the piece, 4 (downbeat) .. 0 (sixteenth)."""
    bar = np.array([piece.meter.weight(slot) for slot in range(piece.width)], np.int64)
    slots = np.arange(piece.end)
    return np.asarray(bar[piece.place_of(slots) % piece.width])


def lhl_syncopation(starts: Ints, weights: Ints, longest: int = 16) -> Ints:
    """Return for every onset by how many levels the strongest slot before the next onset outweighs it.

    0 where nothing stronger is passed over. Longuet-Higgins and Lee, The rhythmic interpretation of
    monophonic music (1984), with a note's length taken to the next onset and no more than ``longest`` slots.
    """
    starts = np.clip(starts, 0, len(weights) - 1)
    ends = np.minimum(np.append(starts[1:], len(weights)), starts + longest)
    found = np.zeros(len(starts), np.int64)
    for i, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        if end > start + 1:
            found[i] = max(0, int(weights[start + 1 : end].max()) - int(weights[start]))
    return found


def onset_similarity(grid: Bools) -> tuple[float, float]:
    """Return GS over all pairs of bars with an onset, and over those that follow one another.

    GS is 1 - Hamming distance / slots of the onset vectors (Wu and Yang 2020). NaN where there is no pair.
    """
    played = np.flatnonzero(grid.any(axis=1))
    rows = grid[played].astype(np.float32)
    if len(rows) < 2:
        return np.nan, np.nan
    ones = rows.sum(axis=1)
    distance = ones[:, None] + ones[None, :] - 2 * rows @ rows.T
    alike = 1 - distance / grid.shape[1]
    pairs = np.triu_indices(len(rows), 1)
    beside = np.flatnonzero(np.diff(played) == 1)
    adjacent = float(alike[beside, beside + 1].mean()) if len(beside) else np.nan
    return float(alike[pairs].mean()), adjacent
