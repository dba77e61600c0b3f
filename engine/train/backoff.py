"""Smoothed tables from counts: each context borrows from the next more general one.

p_k(e | c1..ck) = (n(c1..ck, e) + a * p_(k-1)(e | c1..c(k-1))) / (n(c1..ck) + a): the Dirichlet prior of MacKay
and Peto, A hierarchical Dirichlet language model (1995), with one weight a for all levels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.chain.costs import row

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def count(contexts: list[Ints], events: Ints, shape: tuple[int, ...]) -> Ints:
    """Return counts of shape ``shape``: the sizes of the contexts, most general first, then of the events."""
    found = np.zeros(shape, dtype=np.int64)
    np.add.at(found, (*contexts, events), 1)
    return found


def smooth(counts: Ints, strength: float = 4.0) -> Floats:
    """Return probabilities of the same shape; the last axis is the event, the first context the most general."""
    levels = counts.ndim - 1
    found = np.full(counts.shape[-1], 1 / counts.shape[-1])
    for level in range(levels + 1):
        kept = counts.sum(axis=tuple(range(level, levels)))
        parent = found[..., None, :] if level else found
        found = (kept + strength * parent) / (kept.sum(axis=-1, keepdims=True) + strength)
    return found


def costs(chances: Floats) -> NDArray[np.int16]:
    """Return costs, 256 to the bit, of probabilities; at most 20 bits."""
    return np.asarray(np.minimum(np.rint(-256 * np.log2(np.maximum(chances, 1e-9))), 20 * 256), dtype=np.int16)


def whole(chances: Floats) -> Ints:
    """Return rows of whole numbers that sum to 65,536."""
    return row(np.rint(np.asarray(chances) * 10**9).astype(np.int64))


def bits(chances: Floats) -> float:
    """Return the mean cost in bits of events that were given these probabilities."""
    return float(-np.log2(chances).mean())


def bigram_bits(train: list[Ints], test: list[Ints], size: int) -> float:
    """Return the held-out bits an event of a plain bigram, add-one smoothed; the first event follows event 0."""
    counts = np.ones((size, size))
    for line in train:
        np.add.at(counts, (np.concatenate([[0], line[:-1]]), line), 1)
    chances = counts / counts.sum(axis=1, keepdims=True)
    return bits(np.concatenate([chances[np.concatenate([[0], line[:-1]]), line] for line in test]))
