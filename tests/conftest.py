"""Fixtures that all tests share."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent

# The same examples on every run: a check that fails now and then tells nobody anything.
settings.register_profile("fixed", derandomize=True)
settings.load_profile("fixed")


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of training corpora; the test skips on a machine without it."""
    folder = Path(os.environ.get("HOOKLINE_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "rs200" / "songs.jsonl").is_file():
        pytest.skip(f"no training corpora at {folder} (set HOOKLINE_DATA to the folder that holds rs200)")
    return folder


@pytest.fixture
def run(monkeypatch, capsysbinary, tmp_path):
    """Run the program in an empty folder; gives (exit code, standard output as bytes, standard error)."""
    from engine.cli import main

    monkeypatch.chdir(tmp_path)

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["hookline", *map(str, words)])
        with pytest.raises(SystemExit) as left:
            main()
        captured = capsysbinary.readouterr()
        return left.value.code or 0, captured.out, captured.err.decode()

    return run
