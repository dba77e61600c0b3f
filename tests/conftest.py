"""Fixtures that all tests share."""

from __future__ import annotations

import os
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
