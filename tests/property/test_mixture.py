"""What holds of every mixture, whatever the music."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.models.memory import Memory, running
from engine.models.mixture import Design, Mixture
from engine.models.recall import Likeness
from engine.models.viewpoints import Ints, Space, Target, View
from engine.train import fit_mixture

SPACE = Space(3, {"x1": 4, "x2": 4}, {"step": Target("x1", np.array([[0, 1, 2], [2, 0, 1], [1, 2, 0], [0, 1, 2]]))})
DESIGN = Design(
    (View(("x1", "x2")), View((), "step")),
    (View(()), View(("x1", "x2")), View(("x1",), "step")),
    ("x1",),
    (Likeness(), Likeness(("x1",), "step", slide=30)),
)
SONGS = st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=30), min_size=1, max_size=4)


def laid(songs: list[list[int]]) -> tuple[dict[str, Ints], Ints, Ints]:
    def past(song: list[int], back: int) -> list[int]:
        return ([3] * back + song)[: len(song)]

    columns = {f"x{back}": np.array([v for song in songs for v in past(song, back)], dtype=np.int64) for back in (1, 2)}
    events = np.array([event for song in songs for event in song], dtype=np.int64)
    return columns, events, np.repeat(np.arange(len(songs)), [len(song) for song in songs])


@lru_cache(maxsize=1)
def fitted() -> Mixture:
    chance = np.random.default_rng(1)
    return fit_mixture.fit(
        SPACE, DESIGN, *laid([np.resize(chance.integers(0, 3, 7), 30).tolist() for _ in range(8)])
    ).mixture


@given(SONGS)
@settings(max_examples=40, deadline=None)
def test_rows_are_normalised_and_forbid_nothing(songs: list[list[int]]) -> None:
    rows = fitted().running_rows(*laid(songs))
    assert set(rows.sum(axis=1).tolist()) == {65536}
    assert rows.min() >= 1


@given(SONGS, st.lists(st.integers(0, 2), min_size=1, max_size=10))
@settings(max_examples=40, deadline=None)
def test_what_comes_changes_nothing_before_it(songs: list[list[int]], tail: list[int]) -> None:
    shorter, longer = laid(songs), laid([*songs[:-1], songs[-1] + tail])
    count = len(shorter[1])
    assert (fitted().running_rows(*longer)[:count] == fitted().running_rows(*shorter)).all()


@given(SONGS)
@settings(max_examples=40, deadline=None)
def test_songs_know_nothing_of_one_another(songs: list[list[int]]) -> None:
    together = fitted().running_rows(*laid(songs))
    alone = [fitted().running_rows(*laid([song])) for song in songs]
    assert (together == np.concatenate(alone)).all()


@given(st.lists(st.integers(0, 2), min_size=2, max_size=25), st.data())
@settings(max_examples=40, deadline=None)
def test_the_running_memory_is_a_memory_filled_anew(song: list[int], data: st.DataObject) -> None:
    columns, events, owner = laid([song])
    place = data.draw(st.integers(0, len(song) - 1))
    for view in DESIGN.short:
        whole = running(SPACE, view, columns, events, owner)
        past = Memory.of(SPACE, view, {name: values[:place] for name, values in columns.items()}, events[:place])
        now = {name: values[place : place + 1] for name, values in columns.items()}
        assert past.look(SPACE, now, 1).tolist() == whole[place : place + 1].tolist()
