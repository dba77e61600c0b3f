"""A thousand damaged files among good ones, at the command: none stops it, all are told of, good ones are all used."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from midi_bytes import band, signature, tempo

ROOT = Path(__file__).resolve().parents[2]
GOOD, BAD = 12, 1000


def damaged(number: int, good: bytes, chance: np.random.Generator) -> bytes:
    data = bytearray(good)
    match number % 6:
        case 0:
            for _ in range(int(chance.choice([1, 5, 50, 300]))):
                data[int(chance.integers(len(data)))] ^= 1 << int(chance.integers(8))
        case 1:
            del data[int(chance.integers(len(data))) :]
        case 2:
            for _ in range(20):
                at = int(chance.integers(22, len(data)))
                data[at:at] = b"\xff\xff\xff\x7f"
        case 3:
            at = data.find(b"\xff\x51\x03") + 3
            data[at : at + 3] = bytes(int(n) for n in chance.choice([0, 1, 255], 3))
        case 4:
            data[12:14] = b"\0\0"
        case _:
            at = int(chance.integers(len(data)))
            del data[at : at + int(chance.integers(200))]
    return bytes(data)


@pytest.mark.slow
def test_damaged_files_are_told_of_and_good_ones_used(tmp_path):
    chance = np.random.default_rng(0)
    folder = tmp_path / "music"
    folder.mkdir()
    songs = [band(16 + number, metas=[signature(4, 4), tempo(400_000 + 5000 * number)]) for number in range(GOOD)]
    for number, song in enumerate(songs):
        (folder / f"good{number:02}.mid").write_bytes(song)
    for number in range(BAD):
        (folder / f"bad{number:04}.mid").write_bytes(damaged(number, songs[number % GOOD], chance))
    running = b"\x00\x90\x3c\x40" + b"\x00\x3c\x40" * 3_333_332
    (folder / "running.mid").write_bytes(songs[0][:14] + b"MTrk" + len(running).to_bytes(4, "big") + running)
    words = ["learn", str(folder), "--name", "made", "-o", str(tmp_path / "made.yaml"), "--jobs", "1", "--json"]
    done = subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)["files"]
    names = {row["file"]: row for row in told}
    assert names.keys() == {path.name for path in folder.iterdir()}
    assert all(not names[f"good{number:02}.mid"]["reason"] for number in range(GOOD))
    assert all(row["reason"] or row["used"] or row["song"] for row in told)
    assert not any("a fault of Hookline" in row["reason"] for row in told)
    assert "running.mid" in names
    unit = 1024 if sys.platform != "darwin" else 1
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit < 500e6
