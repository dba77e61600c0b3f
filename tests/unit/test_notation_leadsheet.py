"""The lead sheet: what comes again is written once, and played it is the song."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes import small_song
from scores import heard, meant, problems, read

from engine.notation.leadsheet import blocks, lead_sheet, measures
from engine.notation.musicxml import staves
from engine.notation.sheet import Measure
from engine.song import ChordSpan, Note, Part, Section, Song
from engine.theory.chord import parse_symbol

BAR = 1920


def song_of(*sections: tuple[str, str], chords: str = "Em D C D") -> Song:
    """Return a song of (kind, tune) sections; a tune has a letter a bar, a pitch each, "." is silence."""
    base = small_song()
    names = chords.split()
    made, notes, at = [], [], 0
    for kind, tune in sections:
        spans = tuple(ChordSpan(BAR * n, BAR, parse_symbol(names[n % len(names)]), "") for n in range(len(tune)))
        number = sum(section.kind == kind for section in made) + 1
        made.append(Section(f"{kind}/{number}", kind, kind, at, len(tune), 3, chords=spans))
        notes += [Note(BAR * (at + n), 960, ord(letter) - 40) for n, letter in enumerate(tune) if letter != "."]
        at += len(tune)
    return replace(base, sections=tuple(made), parts=(Part("melody", tuple(notes), "Melody", 85),))


def written(song: Song) -> list[Measure]:
    return measures(song, staves(song, song.part("melody"))[0])


def test_verses_that_are_sung_alike_are_repeated():
    found = written(song_of(("verse", "abcd"), ("verse", "abcd")))
    assert [measure.bar for measure in found] == [0, 1, 2, 3]
    assert found[0].opens and found[-1].plays == 2
    assert found[0].title == "Verse 1, 2"


def test_another_end_is_an_ending():
    found = written(song_of(("verse", "abcd"), ("verse", "abce")))
    assert [measure.bar for measure in found] == [0, 1, 2, 3, 7]
    assert [measure.ending for measure in found] == ["", "", "", "1", "2"]
    assert found[3].plays == 2 and not found[4].plays


def test_endings_that_are_alike_share_a_bracket():
    found = written(song_of(("verse", "abcd"), ("verse", "abcd"), ("verse", "abce")))
    assert [measure.ending for measure in found if measure.ending] == ["1, 2", "3"]
    assert found[3].plays == 3


def test_a_verse_that_begins_otherwise_is_written_out():
    found = written(song_of(("verse", "abcd"), ("verse", "ebcd")))
    assert len(found) == 8 and not any(measure.opens for measure in found)


def test_verse_and_chorus_are_repeated_together():
    found = written(song_of(("verse", "abcd"), ("chorus", "efgh"), ("verse", "abcd"), ("chorus", "efgh")))
    assert [measure.bar for measure in found] == list(range(8))
    assert [measure.title for measure in found if measure.title] == ["Verse 1, 2", "Chorus 1, 2"]


def test_a_chorus_in_another_key_is_no_repeat():
    song = song_of(("chorus", "abcd"), ("chorus", "abcd"))
    up = replace(song, sections=(song.sections[0], replace(song.sections[1], shift=2)))
    assert len(written(up)) == 8


def test_a_round_of_chords_is_written_once():
    found = written(song_of(("solo", "........")))
    assert [measure.bar for measure in found] == [0, 1, 2, 3]
    assert found[-1].plays == 2


def test_blocks_take_up_every_section_once():
    song = song_of(("intro", "...."), ("verse", "abcd"), ("verse", "abcd"), ("chorus", "efgh"))
    contents = [staves(song, song.part("melody"))[0].bars[bar] for bar in range(song.bars)]
    assert sum(block.sections for block in blocks(song.sections, contents)) == 4


@pytest.mark.parametrize(
    "sections",
    [
        [("verse", "abcd"), ("verse", "abcd")],
        [("verse", "abcd"), ("verse", "abce"), ("chorus", "efgh")],
        [("verse", "abcd"), ("verse", "abcd"), ("verse", "abce"), ("solo", "........")],
        [("verse", "abcdabcd"), ("chorus", "efghefgi"), ("chorus", "efgh")],
        [("verse", "a")],
    ],
)
def test_played_with_its_repeats_it_is_the_song(sections):
    song = song_of(*sections)
    text = lead_sheet(song)
    assert problems(text) == []
    part = read(text).parts[0]
    assert heard(part.expandRepeats() if "<repeat" in text else part) == meant(song, "melody")


def test_four_bars_make_a_line():
    found = written(song_of(("verse", "abcdefghijkl")))
    assert [measure.bar for measure in found if measure.line] == [4, 8]


def test_what_is_left_over_is_spread():
    assert [m.bar for m in written(song_of(("verse", "abcdefghi"))) if m.line] == [4]
    assert [m.bar for m in written(song_of(("verse", "abcdefghij"))) if m.line] == [4, 7]


def test_a_song_without_a_voice_has_chords_all_the_same():
    song = replace(small_song(), parts=())
    text = lead_sheet(song)
    assert problems(text) == [] and text.count("<harmony") == 6


def test_a_section_that_stands_alone_has_no_number():
    found = written(song_of(("intro", "...."), ("verse", "abcd"), ("chorus", "efgh"), ("verse", "ebcd")))
    assert [measure.title for measure in found if measure.title] == ["Intro", "Verse 1", "Chorus", "Verse 2"]


def test_a_second_ending_begins_a_line():
    found = written(song_of(("verse", "abcdef"), ("verse", "abcdgh")))
    assert [measure.bar for measure in found if measure.line] == [3, 10]
    assert [measure.ending for measure in found if measure.line] == ["", "2"]
