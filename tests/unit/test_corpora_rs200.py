from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from engine.errors import CorpusError
from engine.theory.chord import parse_numeral
from engine.train.corpora import rs200
from engine.train.corpora.annotated import NO_CHORD, AnnotatedSong, BarChord

# A made-up song in the corpus's format.
ROW = {
    "id": "made_up",
    "title": "Made Up!",
    "bar_sec": [0.0, 2.0, 4.0, 6.0],
    "mel_time_sig": ["4/4"] * 4,
    "melody": [[1, 1, 2, 7, 67], [1, 0, 1, 0, 60]],
    "analyses": {
        "dt": {
            "keys": [[0, "E"], [2, "F#"]],
            "time_sigs": [[0, "4/4"]],
            "sections": [["intro", "In", 0, 1], ["verse", "Vr", 1, 4]],
            "chords": [[[0, 1, "I"]], [[1, 2, "IV64"]], [], [[0, 4, "V7/V"], [2, 4, "V"]]],
        }
    },
}


@pytest.fixture
def song(tmp_path: Path) -> AnnotatedSong:
    (tmp_path / "rs200").mkdir()
    (tmp_path / "rs200" / "songs.jsonl").write_text(json.dumps(ROW) + "\n")
    return rs200.read(tmp_path)[0]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("I", "I"),
        ("bVII", "bVII"),
        ("IV64", "IV/I"),
        ("I6", "I/III"),
        ("V65", "V7/VII"),
        ("V7/V", "II7"),
        ("V/vi", "III"),
        ("V42/IV", "I7/bVII"),
        ("I7", "Imaj7"),
        ("Id7", "I7"),
        ("I#9", "I7"),
        ("ii7", "ii7"),
        ("iih43", "iih7/bVI"),
        ("viix7/V", "#ivo7"),
        ("viio6", "viio/II"),
        ("Vs4", "Vsus4"),
        ("v7s4", "Vsus4"),
        ("V11", "Vsus4"),
        ("Va", "V+"),
        ("bVb5", "#IV"),
        ("R", NO_CHORD),
    ],
)
def test_chords_become_our_numerals(theirs: str, ours: str) -> None:
    assert rs200.numeral(theirs) == ours


def test_an_unknown_chord_is_named() -> None:
    with pytest.raises(CorpusError, match='"H7"'):
        rs200.numeral("H7")


def test_sections_have_kinds_and_bars(song: AnnotatedSong) -> None:
    assert [(s.kind, s.material, s.first, len(s.bars)) for s in song.sections] == [
        ("intro", "In", 0, 1),
        ("verse", "Vr", 1, 3),
    ]


def test_a_chord_that_enters_late_follows_the_one_before(song: AnnotatedSong) -> None:
    assert song.bars[1].chords == (BarChord(0, 2, "I"), BarChord(2, 2, "IV/I"))


def test_an_empty_bar_holds_its_chord(song: AnnotatedSong) -> None:
    assert song.bars[2].chords == (BarChord(0, 4, "IV/I"),)


def test_the_tonic_follows_key_changes(song: AnnotatedSong) -> None:
    assert [bar.tonic for bar in song.bars] == [4, 4, 6, 6]


def test_tempo_counts_felt_beats(song: AnnotatedSong) -> None:
    assert song.tempo == 120


def test_melody_is_in_order(song: AnnotatedSong) -> None:
    assert [(n.bar, n.position, n.degree, n.pitch) for n in song.melody] == [
        (1, Fraction(0), 0, 60),
        (1, Fraction(1, 2), 7, 67),
    ]


def test_work_is_the_bare_title(song: AnnotatedSong) -> None:
    assert song.work == "madeup"


def test_a_missing_corpus_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"songs\.jsonl"):
        rs200.read(tmp_path)


@pytest.mark.parametrize("annotator", rs200.ANNOTATORS)
def test_every_chord_of_the_corpus_reads(corpora: Path, annotator: str) -> None:
    songs = rs200.read(corpora, annotator)
    assert len(songs) > 100
    for song in songs:
        for bar in song.bars:
            assert sum(item.quarters for item in bar.chords) == 4
            for item in bar.chords:
                assert item.numeral == NO_CHORD or parse_numeral(item.numeral)
