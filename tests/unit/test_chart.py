"""Charts: chords as a musician writes them, drums as tablature."""

from __future__ import annotations

import pytest
from fakes import small_song

from engine.export.chart import chart, chord_line, head
from engine.song import ChordSpan
from engine.theory.chord import parse_symbol


def test_a_small_song_reads_so():
    assert chart(small_song()).splitlines()[:10] == [
        "rock, E minor, 120 bpm, 4/4, 4 bars, 0:08, seed 7",
        "",
        "[Intro 1] 2 bars, energy 2: lead, rhythm, bass, drums",
        "| Em        | D . A/E . |",
        "    bars 1-2",
        "    HH |x---------------|",
        "    SD |----o-,---------|",
        "    BD |O---------------|",
        "",
        "[Verse 1] 2 bars, energy 3: melody, lead, rhythm, bass, drums",
    ]


@pytest.mark.parametrize(
    ("spans", "line"),
    [
        ([(0, 3840, "Em")], "Em (x2)"),
        ([(0, 960, "Em"), (960, 2880, "C")], "Em . C . | C"),
        ([(0, 1680, "Em"), (1680, 2160, "C")], "Em C@14 | C"),
        ([(0, 1920, "Em")], "Em | N"),
    ],
)
def test_chords_are_written_bar_by_bar(spans, line):
    song = small_song()
    chords = tuple(ChordSpan(start, length, parse_symbol(symbol), "") for start, length, symbol in spans)
    section = song.sections[0].__class__("verse/1", "verse", "verse", 0, 2, 3, chords=chords)
    assert chord_line(section, song.meter, song.key) == line


def test_a_song_without_drums_says_so():
    song = small_song(parts=small_song().parts[:4])
    assert "    bars 1-2: no drums" in chart(song)


def test_the_head_rounds_seconds():
    assert "0:08" in head(small_song())
