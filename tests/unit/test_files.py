"""Writing whole files or none, and finding the package's own."""

from __future__ import annotations

import os
import stat

import pytest

from engine.errors import ExportError
from engine.files import data_dir, trained_dir, write_whole


def test_all_files_are_written(tmp_path):
    write_whole({str(tmp_path / "a"): b"1", str(tmp_path / "b"): b"2"})
    assert [(tmp_path / name).read_bytes() for name in "ab"] == [b"1", b"2"]


def test_a_path_that_cannot_be_written_is_named(tmp_path):
    missing = tmp_path / "missing" / "x.mid"
    with pytest.raises(ExportError, match=f"cannot write {missing}: no such file or directory"):
        write_whole({str(missing): b""})


def test_one_bad_path_leaves_all_others_as_they_were(tmp_path):
    old = tmp_path / "old.mid"
    old.write_bytes(b"old")
    with pytest.raises(ExportError):
        write_whole({str(old): b"new", str(tmp_path / "missing" / "x"): b""})
    assert old.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["old.mid"]


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(ExportError, match="it is a folder"):
        write_whole({str(tmp_path): b""})


def test_the_umask_counts(tmp_path):
    before = os.umask(0o027)
    try:
        write_whole({str(tmp_path / "a"): b""})
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


def test_a_dash_is_standard_output(capfdbinary):
    write_whole({"-": b"\x00MThd"})
    assert capfdbinary.readouterr().out == b"\x00MThd"


def test_a_path_without_a_folder_is_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_whole({"x.mid": b"x"})
    assert (tmp_path / "x.mid").read_bytes() == b"x"


def test_the_package_knows_its_styles_and_models():
    assert (data_dir("styles") / "rock.yaml").is_file()
    assert trained_dir().name == "trained"


def test_a_device_is_written_to_and_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write_whole({str(tmp_path / "pipe"): b"song"})
    assert os.read(reader, 9) == b"song"
    os.close(reader)
    assert stat.S_ISFIFO(os.stat(tmp_path / "pipe").st_mode)


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_whole({str(tmp_path / "link"): b"new"})
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_what_is_written_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    done: list[str] = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (done.append("fsync"), fsync(handle)))
    monkeypatch.setattr(os, "replace", lambda one, other: (done.append("replace"), replace(one, other)))
    write_whole({str(tmp_path / "a"): b"1", str(tmp_path / "b"): b"2"})
    assert done == ["fsync", "fsync", "replace", "replace", "fsync"]  # the last is the folder's


def test_a_full_disk_leaves_what_was_there_and_nothing_else(tmp_path, monkeypatch):
    (tmp_path / "a").write_bytes(b"old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ExportError, match=r"cannot write .*a: no space left on device"):
        write_whole({str(tmp_path / "a"): b"new"})
    assert os.listdir(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == b"old"
