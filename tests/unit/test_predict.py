from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.train.events import EventSong
from engine.train.predict import baseline, predict
from engine.train.task import Task
from engine.train.tasks import TASKS

ROOT = Path(__file__).resolve().parent.parent.parent
FORM = TASKS["form"]


def forms(seed: int, count: int) -> list[EventSong]:
    chance = np.random.default_rng(seed)
    songs = []
    for number in range(count):
        events = [0, *([1, 3] * int(chance.integers(2, 4))), 4, *([3] * int(chance.integers(1, 3))), 9]
        songs.append(EventSong(f"{seed}/{number}", "train", tuple(events), ()))
    return songs


def write(folder: Path, songs: list[EventSong]) -> Path:
    folder.mkdir()
    rows = [{"song": song.song, "split": song.split, "sym": song.events, "ctx": None} for song in songs]
    (folder / "form.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def tune(task: Task, seed: int, length: int = 40) -> EventSong:
    chance = np.random.default_rng(seed)
    events = np.resize(chance.integers(0, task.events, 14), length)
    known = {
        "beat": lambda place: place % 16,
        "chord": lambda place: place // 9 * 5 - 1,
        "label": lambda place: place % 9,
    }
    sides = tuple(tuple(known[name](place) for name in task.sides) for place in range(length))
    return EventSong(f"s{seed}", "train", tuple(events.tolist()), sides if task.sides else ())


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    script = ROOT / "benchmarks" / "predict.py"
    return subprocess.run([sys.executable, script, *map(str, arguments)], capture_output=True, text=True, check=False)


def test_regular_forms_are_predicted() -> None:
    found = predict(FORM, forms(0, 30), forms(1, 6))
    assert max(found.static.mean(), found.memory.mean()) < 1


def test_the_baseline_has_a_figure_for_every_event() -> None:
    unseen = forms(1, 6)
    bits = baseline(FORM, forms(0, 30), unseen)
    assert len(bits) == sum(len(song.events) for song in unseen)
    assert 0 < bits.mean() < 2


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[dict[str, object]]]:
    folder = tmp_path_factory.mktemp("predict")
    known, unseen = write(folder / "known", forms(0, 20)), write(folder / "unseen", forms(1, 4))
    done = run(known, unseen, "--task", "form", "--scores", folder / "out.jsonl", "--distributions", "3")
    assert done.returncode == 0, done.stderr
    return done.stdout, [json.loads(line) for line in (folder / "out.jsonl").read_text().splitlines()]


def test_the_benchmark_prints_a_line_a_task(scored: tuple[str, list[dict[str, object]]]) -> None:
    assert [line.split()[0] for line in scored[0].splitlines()] == ["task", "form"]


def test_distributions_are_exactly_normalised(scored: tuple[str, list[dict[str, object]]]) -> None:
    rows = [chances for line in scored[1] for _, chances in line["dist"]]
    assert rows
    assert {sum(chances) for chances in rows} == {1.0}


def test_scores_are_those_of_the_distributions(scored: tuple[str, list[dict[str, object]]]) -> None:
    for song, line in zip(forms(1, 4), scored[1], strict=True):
        assert line["song"] == song.song
        for index, chances in line["dist"]:
            assert line["logp"][index] == pytest.approx(np.log2(chances[song.events[index]]))


def test_scores_have_nothing_else(scored: tuple[str, list[dict[str, object]]]) -> None:
    assert {tuple(line) for line in scored[1]} == {("song", "logp", "dist")}


def test_static_scores_are_those_of_the_model_without_memory(tmp_path: Path) -> None:
    known, unseen, out = (
        write(tmp_path / "known", forms(0, 20)),
        write(tmp_path / "unseen", forms(1, 4)),
        tmp_path / "o",
    )
    assert run(known, unseen, "--scores", out, "--static", "--distributions", "2").returncode == 0
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    static = predict(FORM, forms(0, 20), forms(1, 4)).static
    assert np.concatenate([line["logp"] for line in lines]) == pytest.approx(-static)
    assert lines[0]["dist"][1][1][forms(1, 4)[0].events[2]] == pytest.approx(2 ** lines[0]["logp"][2])


def test_a_song_without_events_has_a_line_of_its_own(tmp_path: Path) -> None:
    none = EventSong("none", "other", (), ())
    known = write(tmp_path / "known", [*forms(0, 12), none])
    unseen = write(tmp_path / "unseen", [none, *forms(1, 2), none])
    done = run(known, unseen, "--scores", tmp_path / "o", "--distributions", "5")
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in (tmp_path / "o").read_text().splitlines()]
    assert [len(line["logp"]) for line in lines] == [0, *(len(song.events) for song in forms(1, 2)), 0]
    assert lines[0] == {"song": "none", "logp": [], "dist": []}


def test_only_the_tasks_of_the_test_folder_are_run(tmp_path: Path) -> None:
    known, unseen = write(tmp_path / "known", forms(0, 12)), write(tmp_path / "unseen", forms(1, 2))
    (known / "bass16.jsonl").write_text("not read")
    (unseen / "other.jsonl").write_text("not read")
    assert [line.split()[0] for line in run(known, unseen).stdout.splitlines()] == ["task", "form"]


def test_songs_of_the_test_folder_are_not_learnt_from(tmp_path: Path) -> None:
    known, unseen = write(tmp_path / "known", forms(0, 12) + forms(1, 2)), write(tmp_path / "unseen", forms(1, 2))
    apart = write(tmp_path / "apart", forms(0, 12))
    done = run(known, unseen)
    assert done.stderr == "form: 2 training songs are test songs too and are left out\n"
    cells = [line.split()[:-1] for line in (done.stdout.splitlines()[1], run(apart, unseen).stdout.splitlines()[1])]
    assert cells[0] == cells[1]


def test_an_event_out_of_range_is_one_clear_line(tmp_path: Path) -> None:
    known, unseen = write(tmp_path / "known", forms(0, 12)), write(tmp_path / "unseen", [EventSong("a", "", (10,), ())])
    done = run(known, unseen)
    assert done.returncode == 1
    assert "a has an event out of 0..9" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("name", list(TASKS))
def test_what_comes_changes_no_prediction_before_it(name: str) -> None:
    task = TASKS[name]._replace(settings=TASKS[name].settings._replace(epochs=1, least=4))
    known, place = [tune(task, seed) for seed in range(5)], 22
    now = tune(task, 9)
    later = now._replace(
        events=tuple((x + 1) % task.events if at >= place else x for at, x in enumerate(now.events)),
        sides=tuple(tuple(-1 for _ in side) if at > place else side for at, side in enumerate(now.sides)),
    )
    shorter = now._replace(events=now.events[: place + 1], sides=now.sides[: place + 1])
    found = predict(task, known, [now, later, shorter])
    for rows in (found.static_rows, found.rows):
        first, second, third = rows[:40], rows[40:80], rows[80:]
        assert (first[: place + 1] == second[: place + 1]).all()
        assert (first[: place + 1] == third).all()
        assert set(rows.sum(axis=1).tolist()) == {65536}
        assert rows.min() >= 1


def test_events_and_chords_never_seen_are_still_possible() -> None:
    task = TASKS["mel_sd_chord"]
    known = [EventSong(f"s{n}", "train", (0, 2, 4) * 8, ((0,),) * 24) for n in range(4)]
    strange = EventSong("t", "x", (11, 10, 9, 1), ((48,), (47,), (99,), (-1,)))
    found = predict(task, known, [strange])
    assert np.isfinite(found.static).all()
    assert np.isfinite(found.memory).all()


def test_a_missing_folder_is_one_clear_line(tmp_path: Path) -> None:
    done = run(tmp_path / "none", tmp_path / "none")
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert len(done.stderr.splitlines()) == 1
