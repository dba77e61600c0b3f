"""Annotated chords as the harmony grammar reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.train.chord_lines import half_bars, plain, read_songs, reading
from engine.train.corpora.annotated import (
    NO_CHORD,
    AnnotatedBar,
    AnnotatedSection,
    AnnotatedSong,
    BarChord,
)


def bar(*chords: tuple[int, int, str]) -> AnnotatedBar:
    return AnnotatedBar("4/4", 0, tuple(BarChord(*chord) for chord in chords))


@pytest.mark.parametrize(
    ("numeral", "mode", "wanted"),
    [
        ("Imaj7", "major", "I"),
        ("V7/VII", "major", "V"),
        ("Vsus4", "minor", "V"),
        ("ii9", "major", "ii"),
        ("iio7", "minor", "ii"),
        ("V+", "minor", "V"),
        ("I5", "minor", "i"),
        ("I5", "major", "I"),
        ("bVI5", "minor", "bVI"),
        ("II5", "major", "ii"),
        ("IV/I", "major", "IV/I"),
        ("bVII7/I", "mixolydian", "bVII/I"),
        ("vi/I", "major", "vi"),
        (NO_CHORD, "major", NO_CHORD),
    ],
)
def test_chords_are_reduced(numeral: str, mode: str, wanted: str) -> None:
    assert plain(numeral, mode) == wanted


def test_a_half_bar_has_what_fills_most_of_it() -> None:
    assert half_bars([bar((0, 3, "I"), (3, 1, "V"))], "major") == ("I", "I")
    assert half_bars([bar((0, 1, "I"), (1, 3, "V"))], "major") == ("I", "V")


def test_silence_goes_on_with_the_chord_before() -> None:
    bars = [bar((0, 4, "I")), bar((0, 4, NO_CHORD)), bar((0, 4, "V"))]
    assert half_bars(bars, "major") == ("I", "I", "I", "I", "V", "V")


def test_a_section_mostly_silent_is_left_out() -> None:
    bars = (bar((0, 4, NO_CHORD)), bar((0, 4, NO_CHORD)), bar((0, 4, "I")))
    sections = (
        AnnotatedSection("intro", "intro", "", 0, bars),
        AnnotatedSection("verse", "verse", "", 3, bars[2:]),
        AnnotatedSection("other", "", "", 4, bars[2:]),
    )
    found = reading(AnnotatedSong("rs200/x", "X", None, "4/4", 0, "major", sections))
    assert [line.kind for line in found.lines] == ["verse"]


def test_the_corpora_are_read(corpora: Path) -> None:
    songs = read_songs(corpora)
    assert len(songs) > 500
    assert {song.corpus for song in songs} == {"rs200", "billboard"}
