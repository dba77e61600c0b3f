"""The program killed at any moment: files are what they were or what they were to be, whole."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine import bench

ROOT = Path(__file__).resolve().parents[2]
MOMENTS = (0.12, 0.2, 0.26, 0.32, 0.4)  # seconds after the start; a song takes about as long as the last


def command(*words: str) -> list[str]:
    return [sys.executable, str(ROOT / "cli.py"), *words]


def killed(words: list[str], folder: Path, after: float) -> None:
    process = subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(after)
    process.kill()
    process.wait()


@pytest.fixture(scope="module")
def songs(tmp_path_factory) -> list[dict[str, bytes]]:
    """What two seeds write."""
    found = []
    for seed in ("3", "4"):
        folder = tmp_path_factory.mktemp(seed)
        words = command("compose", "--seed", seed, "-o", "x.mid", "-o", "x.song.json")
        subprocess.run(words, cwd=folder, check=True, capture_output=True)
        found.append({path.name: path.read_bytes() for path in folder.iterdir()})
    return found


@pytest.mark.parametrize("after", MOMENTS)
def test_compose(songs, tmp_path, after):
    old, new = songs
    for name, content in old.items():
        (tmp_path / name).write_bytes(content)
    killed(command("compose", "--seed", "4", "-o", "x.mid", "-o", "x.song.json"), tmp_path, after)
    for name in old:
        assert (tmp_path / name).read_bytes() in (old[name], new[name])


@pytest.mark.parametrize("words", [["reroll", "x.song.json", "bass"], ["edit", "x.song.json", "--key", "B minor"]])
def test_the_bench(songs, tmp_path, words):
    path = tmp_path / "x.song.json"
    path.write_bytes(songs[0][path.name])
    for after in MOMENTS:
        killed(command(*words), tmp_path, after)
        document = bench.load(path)
        while document.past:
            document = bench.undo(document)
        assert document.text.encode() == songs[0][path.name]


def test_of_two_that_write_at_once_no_step_is_lost(songs, tmp_path):
    path = tmp_path / "x.song.json"
    path.write_bytes(songs[0][path.name])
    both = [
        subprocess.Popen(
            command("edit", "x.song.json", "--tempo", tempo), cwd=tmp_path, stderr=subprocess.PIPE, text=True
        )
        for tempo in ("91", "92")
    ]
    told = [process.communicate()[1] for process in both]
    did = [step.did for step in bench.load(path).past]
    assert did
    for process, tempo, text in zip(both, ("91", "92"), told, strict=True):
        assert (process.returncode == 0) == (f"tempo {tempo}" in did)
        assert process.returncode == 0 or "it has been changed since it was read" in text
