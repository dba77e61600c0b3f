"""Work shared out: the same results wherever it is done, and nobody waits for who is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.errors import JobError, UsageError
from engine.jobs import run

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_every_item_is_done_once_under_its_number(jobs):
    assert dict(run(str.upper, ["a", "b", "c"], jobs)) == {0: "A", 1: "B", 2: "C"}


def test_more_processes_than_items_are_not_needed():
    assert dict(run(str.upper, ["a"], 4)) == {0: "A"}
    assert list(run(str.upper, [], 4)) == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_the_work_raises_is_raised(jobs):
    with pytest.raises(ValueError, match="invalid literal"):
        list(run(int, ["1", "x", "2"], jobs))


def test_a_process_that_is_killed_is_told():
    with pytest.raises(JobError, match="was killed"):
        list(run(os._exit, [1, 1], 2))


def test_who_shares_out_the_work_leaves_nobody_behind_when_killed():
    script = (
        "import os, time\n"
        "from engine.jobs import run\n"
        "if __name__ == '__main__':\n"
        "    print(*run(os.getpgid, [0, 0], 2), flush=True)\n"
        "    for _ in run(time.sleep, [0.2] * 50, 2): print(flush=True)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.readline()
    process.kill()
    process.wait()
    until = time.monotonic() + 5
    while time.monotonic() < until:
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            break
        time.sleep(0.05)
    else:
        os.killpg(process.pid, signal.SIGKILL)
        raise AssertionError("workers went on without their master")
    process.stdout.close()


def test_a_cluster_that_is_not_there_is_told(monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("engine.jobs._PATIENCE", 0.5)
    with pytest.raises(UsageError, match="no Dask scheduler at tcp:"):
        list(run(str.upper, ["a"], cluster="tcp://127.0.0.1:1"))
