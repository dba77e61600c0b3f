from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.train.events import EventSong
from engine.train.predict import baseline, predict
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


def test_a_missing_folder_is_one_clear_line(tmp_path: Path) -> None:
    done = run(tmp_path / "none", tmp_path / "none")
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert len(done.stderr.splitlines()) == 1
