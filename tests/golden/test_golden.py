"""Songs as they were: a diff here reads as music, and needs a line in the changelog.

HOOKLINE_GOLDEN=write python -m pytest tests/golden     writes them anew
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from engine.export.chart import chart
from engine.export.midi import midi
from engine.pipeline import compose
from engine.request import make_request

FOLDER = Path(__file__).resolve().parent
SONGS = {
    "rock-1": {"seed": 1},
    "rock-2": {"seed": 2, "key": "E minor", "tempo": 148, "form": "V C V C B C B C"},
    "punk-3": {"seed": 3, "style": "punk"},
}


@pytest.mark.parametrize("name", SONGS)
def test_a_song_is_as_it_was(name):
    song = compose(make_request(**SONGS[name]))
    # The chart is for reading; the sum stands for every note, velocity and tick.
    found = f"{chart(song)}\nSHA-256 of the MIDI file: {hashlib.sha256(midi(song)).hexdigest()}\n"
    path = FOLDER / f"{name}.txt"
    if os.environ.get("HOOKLINE_GOLDEN") == "write":
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8")
