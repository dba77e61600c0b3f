"""Damaged files by the hundred: each is heard or has one reason, in little time and memory, and none is our fault."""

from __future__ import annotations

import resource
import sys
import time

import numpy as np
import pytest
from midi_bytes import band, midi, signature, tempo, track

from engine.learn.listen import Skipped, listen_bytes
from engine.learn.song import Heard

SEEDS = range(30)
GOOD = band(16, metas=[signature(4, 4), tempo(500_000)])


def flipped(data: bytearray, chance: np.random.Generator) -> bytearray:
    for _ in range(int(chance.choice([1, 5, 50, 300]))):
        data[int(chance.integers(len(data)))] ^= 1 << int(chance.integers(8))
    return data


def truncated(data: bytearray, chance: np.random.Generator) -> bytearray:
    return data[: int(chance.integers(len(data)))]


def huge_deltas(data: bytearray, chance: np.random.Generator) -> bytearray:
    for _ in range(20):
        at = int(chance.integers(22, len(data)))
        data[at:at] = b"\xff\xff\xff\x7f"
    return data


def cut_out(data: bytearray, chance: np.random.Generator) -> bytearray:
    at = int(chance.integers(len(data)))
    del data[at : at + int(chance.integers(200))]
    return data


def other_division(data: bytearray, chance: np.random.Generator) -> bytearray:
    data[12:14] = bytes(int(n) for n in chance.choice([0, 1, 0x7F, 0x80, 0xE7, 0xFF], 2))
    return data


def absurd_tempo(data: bytearray, chance: np.random.Generator) -> bytearray:
    at = data.find(b"\xff\x51\x03") + 3
    data[at : at + 3] = bytes(int(n) for n in chance.choice([0, 1, 255], 3))
    return data


def absurd_meter(data: bytearray, chance: np.random.Generator) -> bytearray:
    at = data.find(b"\xff\x58\x04") + 3
    data[at : at + 4] = bytes(int(n) for n in chance.integers(0, 256, 4))
    return data


def other_header(data: bytearray, chance: np.random.Generator) -> bytearray:
    data[4:12] = bytes(int(n) for n in chance.integers(0, 256, 8))
    return data


def wrong_lengths(data: bytearray, chance: np.random.Generator) -> bytearray:
    at = data.find(b"MTrk", int(chance.integers(100))) + 4
    data[at : at + 4] = bytes(int(n) for n in chance.integers(0, 256, 4))
    return data


def running_status(data: bytearray, chance: np.random.Generator) -> bytearray:
    size = int(chance.choice([100, 10_000, 300_000]))
    body = b"\x00\x90" + chance.choice([0, 1, 60, 64, 100, 127], size).astype(np.uint8).tobytes()
    return bytearray(midi(b"MTrk" + len(body).to_bytes(4, "big") + body))


def noise(data: bytearray, chance: np.random.Generator) -> bytearray:
    data[14:] = chance.integers(0, 256, len(data) - 14).astype(np.uint8).tobytes()
    return data


HARM = (
    flipped, truncated, huge_deltas, cut_out, other_division, absurd_tempo, absurd_meter, other_header, wrong_lengths,
    running_status, noise,
)  # fmt: skip


@pytest.mark.parametrize("harm", HARM, ids=lambda harm: harm.__name__)
def test_damaged_files_are_heard_or_have_one_reason(harm):
    for seed in SEEDS:
        data = bytes(harm(bytearray(GOOD), np.random.default_rng(seed)))
        began = time.process_time()
        (found,) = listen_bytes(data, "x.mid")
        assert time.process_time() - began < 2
        if isinstance(found, Skipped):
            assert found.reason, seed
            assert "fault of Hookline" not in found.reason, (seed, found.reason)
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)
    assert used < 700  # of the whole run of tests: megabytes


def test_what_damage_leaves_is_told():
    (found,) = listen_bytes(GOOD[: len(GOOD) // 2], "x.mid")
    assert isinstance(found, Heard)
    assert any("damaged" in problem for problem in found.problems)


@pytest.mark.parametrize(
    "notes",
    [
        [(0, 10, 60)] * 40,
        [(n, 1, n % 128) for n in range(200)],
        [(n * 10**6, 10**7, 60) for n in range(40)],
        [(n * 100_000, 10, 60) for n in range(400)],
        [(n * 7919 % 100_003, 50, n % 128) for n in range(400)],
    ],
    ids=["one instant", "every tick", "far apart", "sparse", "scattered"],
)
def test_odd_music_is_heard_or_has_one_reason(notes):
    (found,) = listen_bytes(midi(track(notes)), "x.mid")
    assert isinstance(found, Heard) or "fault" not in found.reason
