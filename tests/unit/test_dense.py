"""Dense answers against the mixture they were made from."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import ModelError
from engine.models import pitch, tables
from engine.models.dense import Dense, weigh, weigh_two
from engine.models.mixture import Mixture


@pytest.fixture(scope="module")
def mixture() -> Mixture:
    return Mixture.of(tables.load("rock", "pitch"))


@pytest.fixture(scope="module")
def columns() -> dict[str, np.ndarray]:
    """Three notes (first axis) after four motions (second) to four pitches (third)."""
    notes = [
        (14, 4, 2, 4, 0, 0, 1, 0, 0, 22, 1, 2, 3),
        (24, 0, 1, 2, 1, 2, 0, 7, 2, 22, 1, 2, 3),
        (10, 2, 6, 9, 2, 3, 4, 12, 5, 22, 1, 2, 3),
    ]
    place = pitch.Place(*np.array(notes).T[:, :, None, None])
    named = pitch.place_columns(place)
    ends = np.array([15, 20, 24, pitch.NONE])
    moved = np.array([pitch.FAR_DOWN, 4, pitch.FAR_UP, pitch.STILL])
    return {**named, **pitch.past_columns(ends[None, None, :], moved[None, :, None], named["root"], named["middle"])}


def flat(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: np.broadcast_to(values, (3, 4, 4)).reshape(-1) for name, values in columns.items()}


def test_rows_are_those_of_the_mixture_to_the_last_unit(mixture: Mixture, columns: dict[str, np.ndarray]) -> None:
    rows = Dense(mixture).rows(columns, np.arange(pitch.EVENTS))
    assert (rows.reshape(-1, pitch.EVENTS) == mixture.rows(flat(columns))).all()


def test_rows_with_memory_are_those_of_the_mixture(mixture: Mixture, columns: dict[str, np.ndarray]) -> None:
    events = np.arange(48) % 7 + 15
    model, past = Dense(mixture), flat(columns)
    memories = model.memories()
    for first, last in ((0, 20), (20, 48)):
        for memory in memories:
            memory.learn({name: values[first:last] for name, values in past.items()}, events[first:last])
    rows = model.rows(columns, np.arange(pitch.EVENTS), memories)
    assert (rows.reshape(-1, pitch.EVENTS) == mixture.rows(past, mixture.remember(past, events))).all()


def test_rows_over_some_events_sum_to_the_whole(mixture: Mixture, columns: dict[str, np.ndarray]) -> None:
    rows = Dense(mixture).rows(columns, np.array([13, 15, 20, 22]))
    assert rows.shape == (3, 4, 4, 4)
    assert set(rows.sum(axis=-1).ravel().tolist()) == {65536}


def test_an_expert_with_too_many_contexts_is_refused(mixture: Mixture) -> None:
    wide = mixture._replace(space=mixture.space._replace(sizes={**mixture.space.sizes, "kind": 1 << 20}))
    with pytest.raises(ModelError, match="position place kind"):
        Dense(wide)


def test_two_events_weigh_what_any_two_of_many_would() -> None:
    costs = np.array([[0, 5000], [300, 44], [0, 0], [9000, 0], [-4000, 700]])
    assert (weigh_two(costs) == weigh(costs)).all()
