"""Temperature: a line's chance to a power, exactly, with nothing forbidden and nothing allowed by it."""

from __future__ import annotations

import numpy as np
import pytest

from engine.chain.sampler import Sampler, Step
from engine.chain.temperature import PLAIN, heat, heated, tempered
from engine.stream import Stream


def _chances(percent: int) -> list[float]:
    """The chance of each of two events whose weights are 1 and 4."""
    with heated(percent):
        sampler = Sampler([Step(np.array([[1, 4]]), np.array([[0, 0]]))])
    drawn = [sampler.draw(Stream.of(seed))[0] for seed in range(4000)]
    return [drawn.count(event) / len(drawn) for event in (0, 1)]


@pytest.mark.parametrize(("percent", "first"), [(50, 1 / 17), (100, 1 / 5), (200, 1 / 3), (400, 0.4142 / 1)])
def test_chances_are_raised_to_the_power(percent, first):
    if percent == 400:
        first = 1 / (1 + 4**0.25)
    assert _chances(percent)[0] == pytest.approx(first, abs=0.02)


def test_what_is_forbidden_stays_so_and_nothing_else_becomes_so():
    weights = np.array([0, 1, 1 << 24])
    for percent in (25, 50, 200, 400):
        assert (tempered(weights, percent) > 0).tolist() == [False, True, True]


def test_a_table_without_choices_stays_empty():
    assert tempered(np.zeros((2, 3), dtype=np.int64), 50).tolist() == [[0, 0, 0], [0, 0, 0]]


def test_rows_keep_their_proportion_to_one_another():
    found = tempered(np.array([[16, 64], [4, 4]]), 200)
    assert (found[0, 0] / found[1, 0], found[0, 1] / found[0, 0]) == pytest.approx((2, 2), rel=0.01)


def test_the_temperature_ends_with_the_context():
    with heated(50), heated(200):
        assert heat() == 200
    assert heat() == PLAIN


def test_powers_are_exact_to_a_hundredth():
    weights = np.arange(1, 5000, dtype=np.int64)
    found = tempered(weights, 200) / (1 << 24)
    assert np.abs(found / np.sqrt(weights / weights.max()) - 1).max() < 0.01
