"""Song files on disk: never torn, never lost, and never written over what another has done."""

from __future__ import annotations

import os
import resource
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fakes import small_song

from engine import bench
from engine.document import Document
from engine.errors import ExportError, SongFileError
from engine.export.songfile import document_file

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "x.song.json"
    bench.save(bench.document(small_song()), file)
    return file


def locked(document: Document, number: int) -> Document:
    return bench.do(document, f"tempo {60 + number}")


def test_a_file_comes_back(path):
    after = bench.save(locked(bench.load(path), 1), path)
    assert bench.load(path) == after
    assert bench.load(path).source == after.source


def test_the_second_writer_is_told(path):
    one, other = bench.load(path), bench.load(path)
    bench.save(locked(one, 1), path)
    kept = path.read_bytes()
    with pytest.raises(ExportError, match="has been changed since it was read"):
        bench.save(locked(other, 2), path)
    assert path.read_bytes() == kept


def test_a_new_file_is_not_written_over_one_that_is_there(path):
    with pytest.raises(ExportError, match="has been changed"):
        bench.save(bench.document(small_song(tempo=99)), path)
    bench.save(bench.document(small_song(tempo=99)), path, over=True)
    assert bench.load(path).song.tempo == 99


def test_what_was_undone_to_the_first_file_can_be_done_again_from_disk(path):
    first = path.read_bytes()
    after = bench.save(locked(locked(bench.load(path), 1), 2), path)
    bench.save(bench.undo(bench.undo(after)), path)
    assert path.read_bytes() == first
    again = bench.save(bench.redo(bench.load(path)), path)
    assert os.listdir(path.parent) == [path.name]
    assert bench.redo(again) == after


def test_steps_forward_of_another_song_are_no_steps(path):
    after = bench.save(locked(bench.load(path), 1), path)
    bench.save(bench.undo(after), path)
    bench.save(bench.document(small_song(tempo=99)), path, over=True)
    assert bench.load(path).future == ()


@pytest.mark.parametrize("junk", [b"", b"{", b"[]", b'{"of": 1}', b"\xff"])
def test_a_damaged_file_of_steps_forward_is_none(path, junk):
    Path(f"{path}.redo").write_bytes(junk)
    assert bench.load(path).future == ()


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SongFileError, match="no such file"):
        bench.load(tmp_path / "none.song.json")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_leaves_the_file(path):
    document, kept = bench.load(path), path.read_bytes()
    os.chmod(path.parent, stat.S_IRUSR | stat.S_IXUSR)
    try:
        with pytest.raises(ExportError, match="cannot write"):
            bench.save(locked(document, 1), path)
    finally:
        os.chmod(path.parent, stat.S_IRWXU)
    assert path.read_bytes() == kept


@pytest.mark.skipif(not os.path.isdir("/proc/1"), reason="no folder here that nobody can write to")
def test_a_file_system_that_cannot_be_written_is_named(path):
    with pytest.raises(ExportError, match=r"cannot write /proc/x\.song\.json"):
        bench.save(bench.load(path), "/proc/x.song.json")


def test_a_folder_that_is_gone_is_named(path, tmp_path):
    with pytest.raises(ExportError, match="cannot write"):
        bench.save(bench.load(path), tmp_path / "none" / "x.song.json")


def test_a_full_disk_leaves_the_file_and_nothing_else(path):
    kept = path.read_bytes()
    script = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from engine import bench\n"
        "document = bench.do(bench.load(sys.argv[1]), 'tempo 61')\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({len(kept) // 2}, resource.RLIM_INFINITY))\n"
        "bench.save(document, sys.argv[1])\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, cwd=ROOT)
    assert "ExportError: cannot write" in done.stderr
    assert path.read_bytes() == kept
    assert os.listdir(path.parent) == [path.name]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY


WRITER = (
    "import sys, itertools\n"
    "from engine import bench\n"
    "from engine.errors import ExportError\n"
    "print('ready', flush=True)\n"
    "for number in itertools.count(int(sys.argv[2])):\n"
    "    words = f'tempo {60 + number % 200}'\n"
    "    try: bench.save(bench.do(bench.load(sys.argv[1]), words), sys.argv[1])\n"
    "    except ExportError: continue\n"
    "    except ValueError: continue\n"
    "    print(words, flush=True)\n"
)


def writer(path: Path, first: int) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(first)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_killed_at_any_moment_the_file_is_whole(path):
    for number in range(4):
        process = writer(path, 7 * number)
        time.sleep(0.011 * (number + 1))
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
        document = bench.load(path)
        while document.past:
            document = bench.undo(document)
        assert document_file(document) == bench.document(small_song()).text.encode()


def test_two_at_once_lose_no_step(path):
    one, other = writer(path, 0), writer(path, 100)
    time.sleep(0.5)
    written = []
    for process in (one, other):
        process.kill()
        written += process.communicate()[0].splitlines()
    document = bench.load(path)
    assert written
    assert set(written) <= {step.did for step in document.past}
    while document.past:
        document = bench.undo(document)
    assert document.text == bench.document(small_song()).text
