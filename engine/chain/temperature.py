"""Temperature: lines drawn from P(x)**(1/T) instead of P(x).

The chance of a whole line is a product of weights, so its power is the product of the weights' powers: tempering every
table of a chain tempers the line exactly, its rules included. What is forbidden (weight 0) stays so, and
nothing else becomes so. Below 1 the likelier lines come out oftener, above 1 the unlikelier ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np
from numpy.typing import NDArray

from engine.chain.costs import EXP2, UNIT

Ints = NDArray[np.int64]

PLAIN = 100  # percent: as the models say
_TOP = 24  # binary places of the largest weight

_heat: ContextVar[int] = ContextVar("heat", default=PLAIN)
# 2**(k / 256) for k = 0 .. 255, in fixed point.
_RISING = np.concatenate([EXP2[:1], 2 * EXP2[:0:-1]])


@contextmanager
def heated(percent: int) -> Iterator[None]:
    """Draw at a temperature, in percent, for a while: every sampler made meanwhile is tempered."""
    before = _heat.set(percent)
    try:
        yield
    finally:
        _heat.reset(before)


def heat() -> int:
    """Return the temperature in force, in percent."""
    return _heat.get()


def tempered(weights: Ints, percent: int) -> Ints:
    """Return weights to the power of 100 / percent, the largest 2**24; 0 stays 0, and nothing else becomes 0.

    >>> tempered(np.array([0, 1, 4, 16]), 200).tolist()
    [0, 4194304, 8388608, 16777216]
    """
    costs = _log2(np.maximum(weights, 1))
    costs = (costs.max(initial=0) - costs) * PLAIN // percent
    found: Ints = EXP2[costs & (UNIT - 1)] << (_TOP - 16) >> np.minimum(costs // UNIT, 62)
    return np.maximum(found, 1) * (weights > 0)


def _log2(numbers: Ints) -> Ints:
    """Return floor(256 * log2) of whole numbers >= 1, within one of 1/256, the same on every machine."""
    mantissa, exponent = np.frexp(numbers.astype(np.float64))  # exact
    steps = np.searchsorted(_RISING, (mantissa * (1 << 17)).astype(np.int64), side="right") - 1
    found: Ints = (exponent.astype(np.int64) - 1) * UNIT + steps
    return found
