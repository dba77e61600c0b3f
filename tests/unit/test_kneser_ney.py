from __future__ import annotations

import numpy as np

from engine.train.kneser_ney import kneser_ney

NONE = np.zeros(0, dtype=np.int64)


def test_every_row_sums_to_one() -> None:
    events = np.array([0, 1, 2, 0, 1, 0, 2, 2], dtype=np.int64)
    last = np.append(3, events[:-1])
    rows = kneser_ney(["x1"], {"x1": 4}, {"x1": last}, events, {"x1": np.arange(4)}, 3)
    assert np.allclose(rows.sum(axis=1), 1)


def test_a_bigram_by_hand() -> None:
    # Bigrams: start-a, a-b (twice), b-a, b-c, c-a. Counts of one: 4, of two: 1, so D = 4 / (4 + 2) = 2/3.
    # Continuations: a after start, b, c: 3; b after a: 1; c after b: 1; ones 2, twos 0, so D = 1:
    # P(a) = 2/5 + 3/5 * 1/3 = 3/5, P(b) = P(c) = 3/5 * 1/3 = 1/5. After b: total 2, types 2:
    # P(a | b) = (1 - 2/3)/2 + (2/3 * 2/2) * 3/5 = 1/6 + 2/5.
    events = np.array([0, 1, 0, 1, 2, 0], dtype=np.int64)
    last = np.array([3, 0, 1, 0, 1, 2], dtype=np.int64)
    rows = kneser_ney(["x1"], {"x1": 4}, {"x1": last}, events, {"x1": np.array([1])}, 3)
    assert np.allclose(rows[0, 0], 1 / 6 + 2 / 5)


def test_an_unknown_context_falls_back() -> None:
    events = np.array([0, 1, 0, 1, 2, 0], dtype=np.int64)
    last = np.array([3, 0, 1, 0, 1, 2], dtype=np.int64)
    rows = kneser_ney(["x1"], {"x1": 5}, {"x1": last}, events, {"x1": np.array([4])}, 3)
    assert np.allclose(rows[0], [3 / 5, 1 / 5, 1 / 5])
