"""Fixed-point logarithms: costs are whole numbers, 256 to the bit.

A cost c stands for the weight 2**(-c/256). Products of model factors are sums of costs, so mixing
models needs no floating point and a decision is the same on every processor. The tables are made by
whole-number roots and powers, never by ``exp2`` or ``log2``, whose last bits differ between machines.
"""

from __future__ import annotations

from functools import lru_cache
from math import isqrt

import numpy as np
from numpy.typing import NDArray

UNIT = 256  # costs to the bit
TOP = 1 << 16  # the weight of cost 0
NEVER = 1 << 20  # a cost that is no choice at all: its weight is 0

Ints = NDArray[np.int64]


def _exp2_table() -> Ints:
    # 2**(-1/256) by eight square roots, in fixed point with 200 bits to spare.
    one = 1 << 400
    root = one >> 1
    for _ in range(8):
        root = isqrt(root * one)
    rows, value = [], one
    for _ in range(UNIT):
        rows.append((value * TOP + (one >> 1)) // one)
        value = value * root // one
    return np.array(rows, dtype=np.int64)


EXP2 = _exp2_table()
_DEEP = 17 * UNIT  # costs from here on weigh 1
_WEIGHT = np.maximum(EXP2[np.arange(_DEEP + 1) & (UNIT - 1)] >> (np.arange(_DEEP + 1) >> 8), 1)


def weights(costs: Ints) -> Ints:
    """Return weights (0 .. 65,536) of costs (any shape, whole numbers >= 0).

    A cost above 16 bits still weighs 1, so that a model alone never forbids; only NEVER is 0.

    >>> weights(np.array([0, 256, 512, NEVER])).tolist()
    [65536, 32768, 16384, 0]
    """
    found: Ints = _WEIGHT.take(costs, mode="clip")
    if costs.size and costs.max() >= NEVER:
        found[costs >= NEVER] = 0
    return found


@lru_cache(maxsize=8192)
def log2_cost(n: int) -> int:
    """Return floor(256 * log2(n)) for a whole number n >= 1, exactly.

    >>> log2_cost(1), log2_cost(8), log2_cost(3)
    (0, 768, 405)
    """
    return int(n**UNIT).bit_length() - 1


def row(parts: Ints, total: int = TOP) -> Ints:
    """Scale non-negative weights (last axis) to rows of ``total``, positive ones staying positive.

    Rounding is made up at the largest entry, so each row sums to ``total`` exactly.
    Rows of zeros stay zero.
    """
    parts = np.asarray(parts, dtype=np.int64)
    flat = parts.reshape(-1, parts.shape[-1])
    sums = flat.sum(axis=1, keepdims=True)
    scaled: Ints = flat * total // np.maximum(sums, 1)
    np.maximum(scaled, flat > 0, out=scaled)
    # A row of zeros has nothing to make up.
    rest = np.where(sums[:, 0] > 0, total, 0) - scaled.sum(axis=1)
    scaled[np.arange(len(flat)), scaled.argmax(axis=1)] += rest
    found: Ints = scaled.reshape(parts.shape)
    return found
