"""A melody on its own."""

from __future__ import annotations

import pytest
from wishing import broken

import engine
from engine import bench
from engine.alone.melody import going_round, key_of, melodies, melody, name_in, told
from engine.errors import UsageError
from engine.export.midi import midi
from engine.export.songfile import document_file
from engine.export.songread import read_document
from engine.plan.wishes import parse_wishes
from engine.theory.key import Key
from engine.theory.meter import SLOT, Meter

CHORDS = "| Am | F C | G |"


def rows(song) -> list[tuple[int, int]]:
    return [(note.start, note.pitch) for note in song.part("melody").notes]


def test_it_is_as_long_as_its_chords_and_sings_over_them():
    song = melody(CHORDS, seed=5).song
    assert song.bars == 3
    assert [span.chord.symbol(song.key) for span in song.sections[0].chords] == ["Am", "F", "C", "G"]
    assert len(song.part("melody").notes) >= 5
    assert song.part("melody").notes[-1].start < 3 * song.meter.bar


def test_the_chords_are_heard_with_it():
    song = melody(CHORDS, seed=5).song
    struck = song.part("rhythm").notes
    for span in song.sections[0].chords:
        tones = {note.pitch % 12 for note in struck if note.start == span.start}
        assert tones == {*span.chord.pitch_classes, span.chord.bass}


def test_the_same_seed_sings_the_same_and_another_take_another():
    assert rows(melody(CHORDS, seed=5).song) == rows(melody(CHORDS, seed=5).song)
    assert rows(melody(CHORDS, seed=5, take=1).song) != rows(melody(CHORDS, seed=5).song)


def test_takes_are_ranked_and_each_is_there_by_its_number():
    found = melodies(CHORDS, seed=5, takes=3)
    takes = {dict(one.song.request.takes).get("verse/melody", 0): rows(one.song) for one in found}
    assert takes == {take: rows(melody(CHORDS, seed=5, take=take).song) for take in range(3)}


@pytest.mark.parametrize("bars", [1, 2, 5, 16])
@pytest.mark.parametrize("section", ["verse", "prechorus", "chorus", "bridge"])
def test_any_number_of_bars_in_any_section_is_sung(bars, section):
    for seed in range(3):
        assert (
            melody("Em C G D " * 4 if bars == 16 else "Em " * bars, section=section, seed=seed)
            .song.part("melody")
            .notes
        )


@pytest.mark.parametrize(
    ("chords", "key"),
    [
        ("Am F C G", "A minor"),
        ("C G Am F", "C major"),
        ("G D Em C", "G major"),
        ("D C G D", "D mixolydian"),
        ("E5 G5 A5 E5", "E minor"),
    ],
)
def test_the_key_is_that_of_the_chords(chords, key):
    assert str(key_of(chords)) == key


def test_numerals_need_a_key():
    with pytest.raises(UsageError, match="numerals stand in a key"):
        melody("I V vi IV", seed=1)
    assert str(melody("I V vi IV", key="E major", seed=1).song.key) == "E major"


def test_nobody_sings_in_a_solo():
    with pytest.raises(UsageError, match='section "solo": nobody sings there'):
        melody(CHORDS, section="solo")


@pytest.mark.parametrize(
    "asked",
    [
        "pin 2.3=E4; pin 1.1=C4",
        "avoid A; avoid G4",
        "first A3; last E4",
        "highest E5@3; contour arch",
        "highest F4",
        "range A3-E4",
        "range E2-C3",
        "contour valley; density 0.7",
        "contour rise",
        "contour fall; range C4-C5",
        "contour level",
        "density 0.1",
        "density 1",
        "rhythm 0:4 6:2 8:8 32:4 40:2; highest C5",
        "like 3; first C4",
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_wishes_are_kept(asked, seed):
    song = melody("| Am | F C | G | Em |", seed=seed, wishes=parse_wishes(asked)).song
    assert not broken(song.part("melody").notes, parse_wishes(asked), song.meter, song.bars)


def test_what_cannot_be_kept_is_told():
    with pytest.raises(UsageError, match=r"^cannot be kept together: pin 2.3=E4 and avoid E$"):
        melody(CHORDS, seed=1, wishes=parse_wishes("pin 2.3=E4; avoid E; contour arch; first A3"))
    with pytest.raises(UsageError, match=r"pin 9.1=E4: the section has 3 bars"):
        melody(CHORDS, seed=1, wishes=parse_wishes("pin 9.1=E4"))


def test_it_sounds_like_the_take_it_is_wished_to():
    alike = others = 0
    for seed in range(8):
        known = set(rows(melody("Am F C G Am F C G", seed=seed, take=1).song))
        alike += len(known & set(rows(melody("Am F C G Am F C G", seed=seed, wishes=parse_wishes("like 1")).song)))
        others += len(known & set(rows(melody("Am F C G Am F C G", seed=seed).song)))
    assert alike > 2 * others


def test_a_rhythm_of_two_bars_goes_round():
    wishes = going_round(parse_wishes("rhythm 0:4 4:4 16:8"), "Am F C G", Meter())
    song = melody("Am F C G", seed=1, wishes=wishes).song
    assert [note.start // SLOT for note in song.part("melody").notes] == [0, 4, 16, 32, 36, 48]


def test_other_metres_are_sung():
    for meter in (Meter(3, 4), Meter(6, 8), Meter(5, 4)):
        song = melody("Am F C G", seed=2, meter=meter, wishes=parse_wishes("pin 2.2=E4; contour arch")).song
        assert song.meter == meter
        assert not broken(song.part("melody").notes, parse_wishes("pin 2.2=E4; contour arch"), meter, 4)


def test_its_file_is_a_song_file_whose_parts_can_be_rolled_again():
    document = read_document(document_file(melody(CHORDS, seed=5, wishes=parse_wishes("first A3"))))
    assert document.song.edits == ("reroll verse/melody=0 with first A3",)
    assert rows(bench.reroll(document, "verse/melody").song) != rows(document.song)
    assert bench.reroll(document, "verse/rhythm").song.part("rhythm").notes


def test_the_melody_of_its_midi_file_can_be_made_again():
    document = melody(CHORDS, seed=5, wishes=parse_wishes("first A3; contour arch"))
    again, same = bench.from_midi(midi(document.song))
    assert rows(again.song) == rows(document.song)
    assert not same  # the band that would play to it is there as well


def test_it_is_told_bar_by_bar():
    song = melody("Am F", seed=1, wishes=parse_wishes("rhythm 0:2 6:2 17:3 24:4; first A3; pin 1.2.3=Bb3")).song
    assert told(song).splitlines()[0].startswith("  1 | Am | 1 A3  2& Bb3")
    assert [line[:11] for line in told(song).splitlines()] == ["  1 | Am | ", "  2 | F  | "]


def test_notes_are_named_as_the_key_has_them():
    assert [name_in(Key.parse("F major"), pitch) for pitch in (58, 60, 71)] == ["Bb3", "C4", "B4"]
    assert name_in(Key.parse("F# major"), 59) == "B3"


def test_in_python():
    song = engine.melody(CHORDS, seed=5, wishes="first A3; range A3-E5")
    assert song.part("melody").notes[0].pitch == 57
