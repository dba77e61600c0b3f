"""Random edits of random songs: what is not named or is locked stays, no rule breaks, undo brings back the bytes."""

from __future__ import annotations

from functools import lru_cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from walks import walk

from engine import bench
from engine.document import Document
from engine.pipeline import compose
from engine.request import make_request
from engine.stream import Stream


@lru_cache(maxsize=4)
def song(seed: int) -> Document:
    return bench.document(compose(make_request(seed=seed, style=("rock", "punk")[seed % 2])))


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 3), data=st.data())
def test_edits_touch_what_they_name_and_can_be_taken_back(seed, data):
    walk(song(seed), 5, lambda options: data.draw(st.sampled_from(options)))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
def test_forty_long_walks(seed):
    numbers = iter(range(1 << 20))
    stream = Stream.of(seed).at("walk")

    def choose(options):
        return options[stream.at(next(numbers)).below(len(options))]

    assert walk(bench.document(compose(make_request(seed=seed))), 16, choose)
