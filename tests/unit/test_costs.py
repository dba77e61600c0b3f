"""Fixed-point weights against hand-computed values."""

from __future__ import annotations

from math import log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.chain.costs import NEVER, TOP, log2_cost, row, weights


def test_one_bit_halves_a_weight() -> None:
    assert weights(np.array([0, 256, 512])).tolist() == [65536, 32768, 16384]


def test_half_a_bit_is_the_square_root_of_two() -> None:
    assert weights(np.array([128])).tolist() == [round(65536 / 2**0.5)]


def test_a_model_alone_never_forbids_but_never_does() -> None:
    assert weights(np.array([5000, NEVER, 3 * NEVER])).tolist() == [1, 0, 0]


@pytest.mark.parametrize("n", [1, 2, 3, 10, 1000, 65535])
def test_whole_number_logarithm_is_the_floor_of_the_real_one(n: int) -> None:
    assert log2_cost(n) == int(256 * log2(n) + 1e-9)


@given(arrays(np.int64, (4, 7), elements=st.integers(0, 10**6)))
def test_rows_sum_exactly_and_keep_what_is_possible(parts: np.ndarray) -> None:
    scaled = row(parts)
    assert ((scaled > 0) == (parts > 0)).all()
    assert scaled.sum(axis=1).tolist() == [TOP if total else 0 for total in parts.sum(axis=1)]
