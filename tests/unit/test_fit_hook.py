"""The fit of hooks, on made-up phrases."""

from __future__ import annotations

import numpy as np

from engine.train.fit_hook import _balance, _bounds, _by_song, _regression


def test_both_answers_weigh_alike_and_a_corpus_as_much_as_its_rarer_answer() -> None:
    corpora = np.array(["rock"] * 5 + ["pop"] * 4)
    labels = np.array([True, False, False, False, False, True, True, True, False])
    weights = _balance(corpora, labels)
    assert [
        weights[(corpora == corpus) & (labels == label)].sum() for corpus in ("rock", "pop") for label in (0, 1)
    ] == [1.0] * 4


def test_bounds_leave_out_a_twentieth_at_either_end() -> None:
    low, high = _bounds(np.arange(101, dtype=np.float64)[:, None])
    assert (low[0], high[0]) == (5, 95)


def test_songs_are_judged_by_the_means_of_their_phrases() -> None:
    songs = np.array(["a", "a", "a", "b", "b"])
    labels = np.array([True, True, False, True, False])
    # Means: a 2 against 1, b 3 against 0; phrase by phrase it would be less than certain.
    assert _by_song(songs, labels, np.array([4.0, 0.0, 1.0, 3.0, 0.0])) == 1.0


def test_the_regression_finds_the_feature_that_tells() -> None:
    count = 400
    labels = np.arange(count) % 2 == 0
    table = np.column_stack([np.where(labels, 3, 1) + np.arange(count) % 3, np.arange(count) % 7]).astype(np.float64)
    songs = np.array([f"song {i // 10}" for i in range(count)])
    weights, scores = _regression(table, labels, np.ones(count), songs, np.arange(count) < 40)
    assert weights[0] > 10 * abs(weights[1])
    assert scores[labels[:40]].min() > scores[~labels[:40]].max() - 1
