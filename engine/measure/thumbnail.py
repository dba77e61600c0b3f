"""The thumbnail of a piece: the segment whose repetitions cover most of it.

Müller, Jiang and Grosche, A robust fitness measure for capturing repetitions in music recordings with
applications to audio thumbnailing (2013). On a grid of bars a repetition keeps the tempo, so that paths
are diagonals and the best family of disjoint paths is found for all segments of a length at once.
"""

from __future__ import annotations

import numpy as np

from engine.measure.piece import Floats

_THRESHOLD = 0.65  # similarity below this is no repetition ...
_PENALTY = -2.0  # ... and costs
_LENGTHS = {"SI_short": (2, 3), "SI_mid": (4, 7), "SI_long": (8, 10**6)}


def best_fitness(similarity: Floats) -> dict[str, float]:
    """Return the best fitness (0..1) over segments of 2 to 3, 4 to 7, and 8 and more bars."""
    by_length = fitness(np.where(similarity >= _THRESHOLD, (similarity - _THRESHOLD) / (1 - _THRESHOLD), _PENALTY))
    return {
        name: float(by_length[low : high + 1].max()) if len(by_length) > low else np.nan
        for name, (low, high) in _LENGTHS.items()
    }


def fitness(scores: Floats) -> Floats:
    """Return the best fitness of the segments of each length, 0 .. half the piece.

    scores: bars x bars, 1 on the diagonal. A segment longer than half the piece cannot repeat.
    """
    bars = len(scores)
    np.fill_diagonal(scores, 1.0)
    found = np.zeros(bars // 2 + 1)
    diagonal = scores
    for length in range(2, bars // 2 + 1):
        starts = bars - length + 1
        # diagonal[n, s]: the score of the path that lays the segment from s on the bars from n.
        diagonal = diagonal[:starts, :starts] + scores[length - 1 :, length - 1 :]
        total = np.zeros((bars + 1, starts))
        covered = np.zeros((bars + 1, starts))
        for end in range(1, bars + 1):
            total[end], covered[end] = total[end - 1], covered[end - 1]
            if end >= length:
                joined = total[end - length] + diagonal[end - length]
                better = joined > total[end]
                total[end][better] = joined[better]
                covered[end][better] = covered[end - length][better] + length
        # What every segment has for nothing, its path to itself, is taken off.
        score = np.maximum(0, (total[bars] - length) / np.maximum(covered[bars], 1))
        coverage = np.maximum(0, (covered[bars] - length) / bars)
        both = score + coverage
        found[length] = np.max(2 * score * coverage / np.where(both > 0, both, 1))
    return found
