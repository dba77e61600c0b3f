from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.train.corpora import pop909

# A made-up song in the corpus's format.
ROW = {
    "id": "000",
    "key": "D:maj",
    "tempo": 90,
    "aligned": True,
    "n_bars": 2,
    "structure1": [["i", 1], ["A", 1]],
    "melody": [[0, 16], [62, 4], [66, 12]],
    "chords": [["D:maj", 4], ["A:maj/3", 4]],
}


@pytest.fixture
def song(tmp_path: Path) -> pop909.GridSong:
    (tmp_path / "pop909_structure").mkdir()
    lines = [json.dumps(ROW), json.dumps({**ROW, "aligned": False})]
    (tmp_path / "pop909_structure" / "songs.jsonl").write_text("\n".join(lines))
    songs = pop909.read(tmp_path)
    assert len(songs) == 1
    return songs[0]


def test_rests_move_the_notes(song: pop909.GridSong) -> None:
    assert song.melody == (pop909.GridNote(16, 4, 0, 62), pop909.GridNote(20, 12, 4, 66))


def test_phrases_count_bars(song: pop909.GridSong) -> None:
    assert song.phrases == (pop909.GridPhrase("i", 0, 1), pop909.GridPhrase("A", 1, 1))


def test_chords_are_numerals_by_beat(song: pop909.GridSong) -> None:
    assert song.chords == ((0, 4, "I"), (4, 4, "V/VII"))


def test_the_corpus_reads(corpora: Path) -> None:
    assert len(pop909.read(corpora)) > 500
