"""Many songs at once: nothing lost, doubled or half-written, and the same bytes wherever they are made."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine import pipeline
from engine.batch import MANIFEST, WORK, Order, batch, hook_score
from engine.errors import ExportError, UsageError
from engine.export import encode
from engine.pipeline import compose
from engine.request import make_request
from engine.stores import store

ROOT = Path(__file__).resolve().parents[2]
LOOPS = Order(loop_bars=2)
SEEDS = range(3, 15)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / MANIFEST).read_text().splitlines()]


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A folder with a finished batch of several shards."""
    folder = tmp_path_factory.mktemp("made")
    done = batch(SEEDS, str(folder), LOOPS)
    assert done == (len(SEEDS), 0, (), str(folder / MANIFEST))
    return folder


@pytest.fixture(scope="module")
def expected(made) -> dict[str, bytes]:
    return contents(made)


def test_every_seed_has_a_row_in_order_and_its_files(made):
    assert [row["seed"] for row in rows(made)] == list(SEEDS)
    for row in rows(made):
        for form in ("mid", "song"):
            content = (made / str(row[f"file_{form}"])).read_bytes()
            assert hashlib.sha256(content).hexdigest() == row[f"sha256_{form}"]
    assert len(contents(made)) == 1 + 2 * len(SEEDS)


def test_a_row_tells_what_the_song_is(made):
    song = compose(make_request(seed=3, loop_bars=2))
    row = rows(made)[0]
    told = {"key": str(song.key), "tempo": song.tempo, "bars": 2, "ticks": 2 * 1920, "form": song.sections[0].kind}
    assert {name: row[name] for name in told} == told
    assert (made / "rock-000003.mid").read_bytes() == encode(song, "x.mid")


def test_rows_are_flat_with_one_type_a_column(made):
    kinds: dict[str, set[type]] = {}
    for row in rows(made):
        assert list(row) == list(rows(made)[0])
        for name, value in row.items():
            kinds.setdefault(name, set()).add(type(value))
    assert all(
        found - {type(None)} <= {kind} for found in kinds.values() for kind in (int, str, float) if kind in found
    )
    assert set().union(*kinds.values()) <= {int, str, float, type(None)}


def test_the_hook_score_is_that_of_the_list_of_hooks():
    request = make_request(seed=5)
    assert hook_score(compose(request)) == pipeline.candidates(request, 16)[0].score.total / 1000


def test_several_processes_give_the_same_bytes(expected, tmp_path):
    batch(SEEDS, str(tmp_path), LOOPS, jobs=2)
    assert contents(tmp_path) == expected


def test_a_store_far_away_gets_the_same_bytes(expected):
    pytest.importorskip("fsspec")
    batch(SEEDS, "memory://loops", LOOPS)
    place = store("memory://loops")
    assert {name: place.read(name) for name in place.names()} == expected
    assert place.names(WORK) == []


def test_a_cluster_gives_the_same_bytes(expected, tmp_path):
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None, host="tcp://127.0.0.1"
    ) as cluster:
        batch(SEEDS, f"file://{tmp_path}", LOOPS, cluster=cluster.scheduler_address)
    assert contents(tmp_path) == expected


def test_what_is_there_is_not_made_again(made, expected, monkeypatch):
    monkeypatch.delattr(pipeline, "compose")
    assert batch(SEEDS, str(made), LOOPS)[:2] == (0, len(SEEDS))
    assert contents(made) == expected


def test_more_songs_later_are_the_same_as_all_at_once(expected, tmp_path):
    batch(SEEDS[6:], str(tmp_path), LOOPS)
    assert batch(SEEDS[:8], str(tmp_path), LOOPS)[:2] == (6, 2)
    assert contents(tmp_path) == expected


def test_what_was_lost_or_damaged_is_made_again(expected, tmp_path):
    batch(SEEDS, str(tmp_path), LOOPS)
    (tmp_path / "rock-000004.mid").unlink()
    with open(tmp_path / "rock-000005.song.json", "r+b") as file:
        file.truncate(100)
    text = (tmp_path / MANIFEST).read_bytes()
    (tmp_path / MANIFEST).write_bytes(text[:-20])
    assert batch(SEEDS, str(tmp_path), LOOPS)[:2] == (3, len(SEEDS) - 3)
    assert contents(tmp_path) == expected


def test_killed_at_any_moment_it_goes_on(expected, tmp_path):
    words = ["batch", "--seed", str(SEEDS[0]), "--count", str(len(SEEDS)), "--loop-bars", "2", "-o", str(tmp_path)]
    command = [sys.executable, "cli.py", *words, "--jobs", "2"]
    for number in range(4):
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        until = time.monotonic() + 10
        while len(os.listdir(tmp_path)) < 7 * number and process.poll() is None and time.monotonic() < until:
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        for name, content in contents(tmp_path).items():
            assert name.startswith((WORK, ".hookline-")) or content == expected[name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")  # no bar of progress where nobody looks
    assert contents(tmp_path) == expected


def test_a_full_disk_leaves_whole_files_and_is_gone_on_from(expected, tmp_path, monkeypatch):
    room = [20]

    def fsync(handle: int) -> None:
        room[0] -= 1
        if room[0] < 0:
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("engine.files.os.fsync", fsync)
        with pytest.raises(ExportError, match="no space left on device"):
            batch(SEEDS, str(tmp_path), LOOPS)
    assert all(expected[name] == content for name, content in contents(tmp_path).items() if not name.startswith(WORK))
    batch(SEEDS, str(tmp_path), LOOPS)
    assert contents(tmp_path) == expected


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(ExportError, match="permission denied"):
        batch(SEEDS, str(tmp_path), LOOPS)


def test_a_second_batch_in_the_same_folder_is_refused(tmp_path):
    with store(str(tmp_path)).alone(WORK), pytest.raises(ExportError, match="another Hookline is writing"):
        batch(SEEDS, str(tmp_path), LOOPS)


@pytest.mark.parametrize(
    ("order", "line"),
    [
        (Order("punk", loop_bars=2), "of style rock, not punk"),
        (Order(loop_bars=4), "of loop_bars 2, not 4"),
        (Order(formats=("mid",), loop_bars=2), "with song files"),
        (Order(formats=("mid", "song", "txt"), loop_bars=2), "without txt files"),
    ],
)
def test_songs_of_another_order_are_not_mixed_in(made, expected, order, line):
    with pytest.raises(UsageError, match=line):
        batch(SEEDS, str(made), order)
    assert contents(made) == expected


def test_a_song_that_cannot_be_is_told_and_the_rest_are_made(tmp_path, monkeypatch):
    true = pipeline.compose

    def refuse(request):
        if request.seed == 4:
            raise UsageError("no such song")
        return true(request)

    monkeypatch.setattr(pipeline, "compose", refuse)
    done = batch(range(3, 6), str(tmp_path), LOOPS)
    assert (done.made, done.failed) == (2, ((4, "no such song"),))
    assert [row["seed"] for row in rows(tmp_path)] == [3, 5]


def test_what_was_done_is_told(run, tmp_path):
    words = ["batch", "--count", "2", "--loop-bars", "2", "-o", "out"]
    assert run(*words) == (0, b"2 made: out/manifest.jsonl\n", "")
    assert run(*words) == (0, b"0 made, 2 were there: out/manifest.jsonl\n", "")
    told = json.loads(run(*words, "--json")[1])
    assert told == {"made": 0, "kept": 2, "failed": [], "manifest": "out/manifest.jsonl"}
    assert [row["seed"] for row in rows(tmp_path / "out")] == [1, 2]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--count", "0"], "--count 0: expected 1 to 1,000,000"),
        (["--jobs", "-1"], "--jobs -1: expected 0 or more"),
        (["--formats", "mid,sogn"], '"sogn" is no format of a batch\nhint: did you mean "song"?'),
        (["--formats", ","], "no formats"),
        (["--style", "rokc"], 'unknown style "rokc"'),
        (["--loop-bars", "99"], "a loop of 99 bars: expected 1 to 64"),
    ],
)
def test_what_cannot_be_is_told(run, words, line):
    code, out, err = run("batch", "--count", "2", "-o", "out", *words)
    assert (code, out) == (2, b"")
    assert line in err
    assert not Path("out").exists()
