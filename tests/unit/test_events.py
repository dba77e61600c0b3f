from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from engine.errors import CorpusError
from engine.train.events import EventSong, columns_of, read_events
from engine.train.predict import column_names
from engine.train.tasks import TASKS, Task


def song(task: Task, seed: int, length: int = 70) -> EventSong:
    chance = np.random.default_rng(seed)
    bar = chance.integers(0, task.events, 16)
    events = np.resize(bar, length)
    sides = []
    for place in range(length):
        known = {"beat": place % 16, "chord": int(chance.integers(-1, 49)), "label": int(chance.integers(0, 9))}
        sides.append(tuple(known[name] for name in task.sides))
    return EventSong(f"s{seed}", "train", tuple(events.tolist()), tuple(sides) if task.sides else ())


def changed_after(one: EventSong, events: int, place: int) -> EventSong:
    later = tuple((event + 1) % events if at >= place else event for at, event in enumerate(one.events))
    sides = tuple(tuple(0 for _ in side) if at > place else side for at, side in enumerate(one.sides))
    return one._replace(events=later, sides=sides)


def test_a_song_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text(json.dumps({"song": "a", "split": "dev", "sym": [1, 2], "ctx": [[0, 3], [1, 3]]}) + "\n\n")
    assert read_events(path) == [EventSong("a", "dev", (1, 2), ((0, 3), (1, 3)))]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="cannot read the event file"):
        read_events(tmp_path / "none.jsonl")


@pytest.mark.parametrize(
    "line", ["[", "{}", "[1]", '{"song": "a", "sym": ["x"]}', '{"song": "a", "sym": [1], "ctx": [[1], [2]]}']
)
def test_a_bad_line_is_told_with_its_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text('{"song": "a", "sym": [1]}\n' + line + "\n")
    with pytest.raises(CorpusError, match=r"t\.jsonl:2"):
        read_events(path)


def test_a_column_is_the_past() -> None:
    one = EventSong("a", "", (5, 6, 7), ((1,), (2,), (3,)))
    columns, sizes = columns_of([one], 9, {"beat": 4}, {}, ["x1", "x2", "beat", "beat1"])
    assert {name: values.tolist() for name, values in columns.items()} == {
        "x1": [9, 5, 6],
        "x2": [9, 9, 5],
        "beat": [1, 2, 3],
        "beat1": [4, 1, 2],
    }
    assert sizes == {"x1": 10, "x2": 10, "beat": 4, "beat1": 5}


def test_the_event_itself_is_no_column() -> None:
    with pytest.raises(ValueError, match="the event that it is to predict"):
        columns_of([EventSong("a", "", (1,), ())], 2, {}, {}, ["x"])


@pytest.mark.parametrize("place", [0, 1, 17, 40])
@pytest.mark.parametrize("name", list(TASKS))
def test_no_column_of_a_task_looks_at_what_comes(name: str, place: int) -> None:
    task = TASKS[name]
    one = song(task, 3)
    names = column_names(task)
    now, sizes = columns_of([one], task.events, task.sides, task.derived, names)
    then, _ = columns_of([changed_after(one, task.events, place)], task.events, task.sides, task.derived, names)
    for column in names:
        assert (now[column][: place + 1] == then[column][: place + 1]).all(), column
        assert 0 <= now[column].min() <= now[column].max() < sizes[column], column
