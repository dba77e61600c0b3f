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


_EXP2 = _exp2_table()


def weights(costs: Ints) -> Ints:
    """Return weights (0 .. 65,536) of costs (any shape, whole numbers >= 0).

    A cost above 16 bits still weighs 1, so that a model alone never forbids; only NEVER is 0.

    >>> weights(np.array([0, 256, 512, NEVER])).tolist()
    [65536, 32768, 16384, 0]
    """
    costs = np.maximum(costs, 0)
    found: Ints = np.maximum(_EXP2[costs & (UNIT - 1)] >> np.minimum(costs >> 8, 40), 1)
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
    sums = parts.sum(axis=-1, keepdims=True)
    scaled = parts * total // np.maximum(sums, 1)
    scaled = np.where((parts > 0) & (scaled == 0), 1, scaled)
    largest = scaled.argmax(axis=-1)[..., None]
    rest = np.where(sums > 0, total - scaled.sum(axis=-1, keepdims=True), 0)
    np.put_along_axis(scaled, largest, np.take_along_axis(scaled, largest, -1) + rest, -1)
    return scaled
