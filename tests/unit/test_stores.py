"""Places for many files: the same here and far away."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.errors import ExportError, UsageError
from engine.stores import Store, store


@pytest.fixture(params=["folder", "file", "memory"])
def place(request, tmp_path) -> Store:
    if request.param == "memory":
        pytest.importorskip("fsspec")
        return store(f"memory://{tmp_path.name}/out")
    return store({"folder": "", "file": "file://"}[request.param] + str(tmp_path / "out"))


def test_files_come_back(place):
    assert (place.names(), place.names("in")) == ([], [])
    place.write({"b.mid": b"1", "a.mid": b"2", "in/c": b"3"})
    assert (place.names(), place.names("in")) == (["a.mid", "b.mid"], ["c"])
    assert (place.read("a.mid"), place.read("in/c"), place.read("none")) == (b"2", b"3", None)


def test_files_are_written_over(place):
    place.write({"a": b"1"})
    place.write({"a": b"2"})
    assert place.read("a") == b"2"


def test_what_is_removed_is_gone_with_its_folder(place):
    place.write({"a": b"1", "in/c": b"3"})
    place.remove(["in/c", "in/d"])
    assert (place.names(), place.names("in")) == (["a"], [])


def test_a_second_one_is_refused_until_the_first_is_done(tmp_path):
    one, other = store(str(tmp_path)), store(str(tmp_path))
    with (
        one.alone(".work"),
        pytest.raises(ExportError, match=f"another Hookline is writing to {tmp_path}"),
        other.alone(".work"),
    ):
        pass
    with other.alone(".work"):
        pass


def test_what_a_killed_run_left_half_done_is_removed(tmp_path):
    for name in (".hookline-x", ".work/.hookline-y", "mine"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"half")
    with store(str(tmp_path)).alone(".work"):
        assert (os.listdir(tmp_path), os.listdir(tmp_path / ".work")) == ([".work", "mine"], [])


def test_a_file_where_the_folder_should_be_is_told(tmp_path):
    Path(tmp_path / "out").write_bytes(b"")
    with pytest.raises(ExportError, match=r"cannot write to .*out: file exists"):
        store(str(tmp_path / "out")).write({"a": b""})


def test_an_address_that_nothing_opens_is_told():
    pytest.importorskip("fsspec")
    with pytest.raises(UsageError, match="nowhere://x cannot be opened"):
        store("nowhere://x")


def test_what_a_store_refuses_is_told_in_a_line(monkeypatch):
    fsspec = pytest.importorskip("fsspec")

    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("the bucket is closed\nin many lines")

    place = store("memory://closed")
    for method in ("pipe", "ls", "cat_file"):
        monkeypatch.setattr(fsspec.get_filesystem_class("memory"), method, refuse)
    for use in (lambda: place.write({"a": b""}), place.names, lambda: place.read("a")):
        with pytest.raises(ExportError, match=r"memory://closed cannot be used: the bucket is closed$"):
            use()
