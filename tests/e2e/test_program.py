"""The program as it is started: in processes of its own, in other places, under other settings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.export.midi import read_receipt
from engine.export.receipt import request_of
from engine.pipeline import compose

ROOT = Path(__file__).resolve().parent.parent.parent


def hookline(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *words], cwd=cwd, env=os.environ | environment, capture_output=True
    )


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    """The MIDI file of one seed, made in a process of its own."""
    folder = tmp_path_factory.mktemp("song")
    done = hookline("compose", "--seed", "11", "-o", "song.mid", "-o", "song.song.json", cwd=folder)
    assert done.returncode == 0, done.stderr.decode()
    return folder


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "Asia/Kathmandu"},
        {"PYTHONHASHSEED": "4242", "LC_ALL": "C.UTF-8", "TZ": "America/St_Johns", "PYTHONOPTIMIZE": "2"},
        {"OPENBLAS_NUM_THREADS": "2", "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3", "PYTHONUTF8": "0"},
    ],
)
def test_another_process_under_other_settings_gives_the_same_bytes(song, tmp_path, environment):
    done = hookline("compose", "--seed", "11", "-o", "a.mid", "-o", "a.song.json", cwd=tmp_path, **environment)
    assert done.returncode == 0, done.stderr.decode()
    assert (tmp_path / "a.mid").read_bytes() == (song / "song.mid").read_bytes()
    assert (tmp_path / "a.song.json").read_bytes() == (song / "song.song.json").read_bytes()


def test_the_receipt_makes_the_same_song_again(song):
    from engine.export.midi import midi

    data = (song / "song.mid").read_bytes()
    assert midi(compose(request_of(read_receipt(data)))) == data


def test_standard_output_is_the_same_midi(song):
    done = hookline("compose", "--seed", "11", "-o", "-", cwd=song)
    assert done.stdout == (song / "song.mid").read_bytes()


def test_what_is_printed_survives_a_poor_terminal(song):
    done = hookline("compose", "--seed", "11", "--show-tree", cwd=song, PYTHONIOENCODING="ascii", LC_ALL="C")
    assert done.returncode == 0, done.stderr.decode()
    assert "form:" in done.stdout.decode()


def test_json_tells_what_was_made(song):
    facts = json.loads(hookline("compose", "--seed", "11", "--json", cwd=song).stdout)
    assert facts["receipt"] == read_receipt((song / "song.mid").read_bytes())
    assert sum(section["bars"] for section in facts["sections"]) == facts["bars"]


def test_a_closed_pipe_is_no_traceback(song):
    code = f"{sys.executable} {ROOT / 'cli.py'} compose --seed 11 | head -1"
    done = subprocess.run(["bash", "-c", code], capture_output=True, cwd=song)
    assert b"Traceback" not in done.stderr


def test_a_write_that_is_refused_is_one_line(song):
    done = hookline("compose", "--seed", "11", "-o", "/proc/song.mid", cwd=song)
    assert done.returncode == 1
    assert done.stderr.decode().splitlines()[0].startswith("error: cannot write /proc/song.mid: ")
    assert b"Traceback" not in done.stderr
