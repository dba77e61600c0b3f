from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.errors import CorpusError
from engine.theory.chord import parse_numeral
from engine.train.corpora import billboard
from engine.train.corpora.annotated import NO_CHORD, AnnotatedSong, BarChord


def _section(t: float, name: str, bars: list[object], **more: object) -> dict[str, object]:
    return {"t": t, "letter": "A", "name": name, "metre": "4/4", "tonic": "A", "bars": bars, **more}


# A made-up song in the corpus's format.
ROW = {
    "id": "0",
    "title": "Made Up",
    "sections": [
        _section(0.0, "silence", []),
        _section(0.0, "intro", [["A:min", "G:maj", ".", "F:maj"], ["F:maj"]]),
        _section(4.0, "pre-chorus", [{"metre": "2/4", "tonic": "B", "chords": ["E:5"]}]),
        _section(5.0, "end", []),
    ],
}


@pytest.fixture
def song(tmp_path: Path) -> AnnotatedSong:
    (tmp_path / "mcgill_billboard").mkdir()
    (tmp_path / "mcgill_billboard" / "songs.jsonl").write_text(json.dumps(ROW) + "\n")
    return billboard.read(tmp_path)[0]


@pytest.mark.parametrize(
    ("theirs", "tonic", "ours"),
    [
        ("A:min", 9, "i"),
        ("D:maj/5", 9, "IV/I"),
        ("G:maj", 9, "bVII"),
        ("Bb:min7", 8, "ii7"),
        ("E:5", 4, "I5"),
        ("E:1", 4, "I5"),
        ("G:sus4(b7,9)", 0, "Vsus4"),
        ("G:11", 0, "Vsus4"),
        ("E:7(#9)", 4, "I7"),
        ("F:maj(9)", 0, "IVadd9"),
        ("B:hdim7", 0, "viih7"),
        ("G:aug(b7)", 0, "V+"),
        ("D:min7/b7", 0, "ii7/I"),
        ("N", 0, NO_CHORD),
        ("&pause", 0, NO_CHORD),
    ],
)
def test_chords_become_our_numerals(theirs: str, tonic: int, ours: str) -> None:
    assert billboard.numeral(theirs, tonic) == ours


def test_an_unknown_chord_is_named() -> None:
    with pytest.raises(CorpusError, match='"A:wat"'):
        billboard.numeral("A:wat", 0)


def test_only_sections_that_sound_are_kept(song: AnnotatedSong) -> None:
    assert [(s.kind, len(s.bars)) for s in song.sections] == [("intro", 2), ("prechorus", 1)]


def test_beats_become_quarters_of_the_bar(song: AnnotatedSong) -> None:
    assert song.bars[0].chords == (BarChord(0, 1, "i"), BarChord(1, 2, "bVII"), BarChord(3, 1, "bVI"))


def test_a_bar_may_change_metre_and_tonic(song: AnnotatedSong) -> None:
    bar = song.bars[2]
    assert (bar.meter, bar.tonic, bar.chords) == ("2/4", 11, (BarChord(0, 4, "IV5"),))


def test_tempo_comes_from_section_times(song: AnnotatedSong) -> None:
    assert song.tempo == 120


def test_every_chord_of_the_corpus_reads(corpora: Path) -> None:
    songs = billboard.read(corpora)
    assert len(songs) > 500
    numerals = {item.numeral for song in songs for bar in song.bars for item in bar.chords}
    assert all(name == NO_CHORD or parse_numeral(name) for name in numerals)
