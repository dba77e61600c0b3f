"""Chance by place: frozen numbers, independence, and even spread."""

from __future__ import annotations

import hashlib
from collections import Counter

import pytest

from engine.stream import Stream, choose


def test_the_first_words_of_a_seed_are_these_for_ever():
    # These numbers are the seed law. If they change, every song changes.
    assert Stream.of(7).words(2) == [6282346128714264928, 6486882923975506355]


def test_a_key_is_blake2b_over_typed_labels():
    key = hashlib.blake2b(b"hookline/1", digest_size=16)
    key.update(b"i1:7")
    assert Stream.of(7).data(16) == hashlib.shake_128(key.digest()).digest(16)


def test_a_longer_list_starts_with_a_shorter_one():
    stream = Stream.of(1).at("verse", "bass")
    assert stream.words(9)[:4] == stream.words(4)


def test_asking_changes_nothing():
    stream = Stream.of(1)
    before = stream.words(1)
    stream.at("x").words(5)
    stream.below(10)
    assert stream.words(1) == before


@pytest.mark.parametrize(
    ("one", "other"),
    [(("a", "bc"), ("ab", "c")), ((1,), ("1",)), (("a",), ("a", "")), (("",), ("", ""))],
)
def test_paths_that_differ_give_streams_that_differ(one, other):
    assert Stream.of(1).at(*one).words(1) != Stream.of(1).at(*other).words(1)


def test_a_path_in_two_steps_is_not_a_path_in_one():
    # A step hashes what came before; both spellings are fine, but they are two places.
    assert Stream.of(1).at("a", "b").words(1) != Stream.of(1).at("a").at("b").words(1)


def test_below_spreads_evenly():
    counts = Counter(Stream.of(seed).below(6) for seed in range(6000))
    # Chi-square with 5 degrees of freedom: 20.5 is exceeded once in a thousand.
    assert sum((counts[face] - 1000) ** 2 / 1000 for face in range(6)) < 20.5


def test_pick_follows_its_weights():
    picks = Counter(Stream.of(seed).pick("abc", (1, 0, 3)) for seed in range(4000))
    assert picks["b"] == 0
    assert abs(picks["c"] - 3000) < 4 * 28  # four standard deviations


@pytest.mark.parametrize(("word", "index"), [(0, 0), ((1 << 62) - 1, 0), (1 << 62, 2), ((1 << 64) - 1, 2)])
def test_choose_cuts_the_range_where_the_weights_say(word, index):
    assert choose((1, 0, 3), word) == index


@pytest.mark.parametrize("weights", [(), (0, 0)])
def test_no_positive_weight_is_an_error(weights):
    with pytest.raises(ValueError, match="no choice"):
        choose(weights, 0)


def test_negative_and_huge_seeds_are_seeds_too():
    assert len({tuple(Stream.of(seed).words(1)) for seed in (-1, 0, 1, 1 << 80)}) == 4
