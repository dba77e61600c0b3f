"""MusicXML: valid, exact, and the same to whoever reads it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes import small_song
from scores import heard, meant, meant_drums, problems, read, struck

from engine.notation.musicxml import score
from engine.song import Feel, Note, Part, Song
from engine.theory.key import Key
from engine.theory.meter import Meter


def in_metre(numerator: int, denominator: int, bars: int = 3) -> Song:
    """Return a song of one section whose parts have a note of every length at every place."""
    meter = Meter(numerator, denominator)
    song = small_song(meter=meter, feel=Feel())
    section = replace(song.sections[0], bars=bars, chords=(), phrases=(), groove=())
    notes, at, length = [], 0, 1
    while at + length <= bars * meter.slots:
        notes.append(Note(120 * at, 120 * length, 60 + length % 12))
        at, length = at + length + (length % 3 == 0), length % 11 + 1
    drums = tuple(Note(120 * n, 60, (36, 42, 38)[n % 3]) for n in range(0, bars * meter.slots, 5))
    return replace(song, sections=(section,), parts=(Part("melody", tuple(notes)), Part("drums", drums)))


def of_bars(bars: int) -> Song:
    song = small_song()
    section = replace(song.sections[1], start_bar=0, bars=bars, name="verse/1")
    return replace(
        song, sections=(section,), parts=(Part("melody", tuple(Note(1920 * n, 480, 64) for n in range(bars))),)
    )


@pytest.mark.parametrize("tab", [False, True])
def test_a_score_is_valid(tab):
    assert problems(score(small_song(), tab)) == []


def test_a_score_reads_back_to_the_same_notes():
    song = small_song()
    found = read(score(song))
    for part, told in zip(song.parts, found.parts, strict=True):
        assert told.partName == part.track
        if part.name == "drums":
            assert struck(told) == meant_drums(part)
        else:
            assert heard(told) == meant(song, part.name)


def test_the_staff_above_the_tablature_is_the_staff_without_it():
    song = small_song()
    staves = [part for part in read(score(song, True)).parts if "Guitar" in part.partName or part.partName == "Bass"]
    assert heard(staves[0]) == meant(song, "lead")
    assert heard(staves[1]) == meant(song, "lead")


@pytest.mark.parametrize("metre", [(4, 4), (3, 4), (2, 4), (6, 8), (12, 8), (9, 8), (7, 8), (5, 4), (2, 2), (3, 8)])
def test_every_metre_is_valid_and_exact(metre):
    song = in_metre(*metre)
    text = score(song)
    assert problems(text) == []
    found = read(text)
    assert heard(found.parts[0]) == meant(song, "melody")
    assert struck(found.parts[1]) == meant_drums(song.parts[1])


@pytest.mark.parametrize("bars", [1, 1000])
def test_a_song_may_be_short_or_long(bars):
    text = score(of_bars(bars))
    assert problems(text) == []
    assert text.count("<measure ") == bars


def test_the_same_song_gives_the_same_bytes():
    assert score(small_song()) == score(small_song())


def test_a_chorus_that_goes_up_has_its_own_signature():
    song = small_song()
    text = score(replace(song, sections=(song.sections[0], replace(song.sections[1], shift=2))))
    assert problems(text) == []
    # E minor, F sharp minor: once for each pitched part.
    assert text.count("<fifths>1<") == 4 and text.count("<fifths>3<") == 4


def test_chords_stand_where_they_change():
    text = score(small_song())
    assert text.count("<harmony") == 6
    assert '<kind text="m">minor</kind>' in text
    assert "<root-step>D</root-step></root>" in text and "<offset>8</offset>" in text
    assert "<bass-step>E</bass-step></bass>" in text


def test_swing_is_told():
    text = score(small_song(feel=Feel(swing=67)))
    assert "<swing><first>2</first><second>1</second><swing-type>eighth</swing-type></swing>" in text
    assert "triplet feel" in text
    assert problems(text) == []
    assert "<swing>" not in score(small_song(feel=Feel()))


def test_compound_time_counts_dotted_quarters():
    text = score(replace(in_metre(6, 8), tempo=90))
    assert "<beat-unit-dot/><per-minute>60</per-minute>" in text and '<sound tempo="90"/>' in text


def test_ghost_notes_are_in_parentheses_and_cymbals_are_crosses():
    text = score(small_song())
    assert text.count('<notehead parentheses="yes">normal</notehead>') == 4
    assert text.count("<notehead>x</notehead>") == 4


def test_notes_that_overlap_are_in_voices_of_their_own():
    song = small_song()
    notes = (Note(0, 1920, 64), Note(480, 480, 67), Note(480, 960, 71))
    song = replace(song, parts=(Part("lead", notes),))
    text = score(song)
    assert problems(text) == []
    assert heard(read(text).parts[0]) == meant(song, "lead")


def test_an_accidental_is_written_once_a_bar_and_taken_back():
    song = small_song(key=Key(0))
    notes = tuple(Note(240 * n, 240, pitch) for n, pitch in enumerate((66, 66, 65, 66)))
    section = replace(song.sections[0], chords=())
    text = score(replace(song, sections=(section,), parts=(Part("melody", notes),)))
    signs = [text[at : at + 24].split("<")[0] for at in _after(text, "<accidental>")]
    assert signs == ["sharp", "natural", "sharp"]


def _after(text: str, sign: str) -> list[int]:
    found, at = [], text.find(sign)
    while at >= 0:
        found.append(at + len(sign))
        at = text.find(sign, at + 1)
    return found


def test_notes_off_the_grid_or_beyond_the_end_are_put_on_it():
    song = small_song()
    notes = (Note(-60, 250, 60), Note(500, 10, 62), Note(7600, 960, 64), Note(9000, 100, 65))
    song = replace(song, parts=(Part("melody", notes), Part("drums", (Note(-5, 10, 36), Note(99999, 10, 38)))))
    text = score(song)
    assert problems(text) == []
    assert [start for start, _, _ in heard(read(text).parts[0])] == [0, 480, 7560]


def test_verovio_reads_it_without_a_word():
    verovio = pytest.importorskip("verovio")
    verovio.enableLog(verovio.LOG_WARNING)
    tool = verovio.toolkit()
    for tab in (False, True):
        assert tool.loadData(score(small_song(), tab))
        assert tool.getLog() == ""


def test_a_section_is_named_where_it_begins():
    text = score(small_song())
    assert text.index(">Intro<") < text.index('<measure number="2">') < text.index(">Verse<")


def test_a_name_is_escaped():
    song = small_song()
    part = replace(song.parts[0], track="Voice & <Choir>")
    text = score(replace(song, parts=(part,)))
    assert "Voice &amp; &lt;Choir&gt;" in text and problems(text) == []
