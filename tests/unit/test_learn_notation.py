"""Notation: what a score in MusicXML says, and scores that are far too long, refused in little time."""

from __future__ import annotations

import time

import pytest

from engine.learn.listen import Skipped, listen_bytes
from engine.learn.musicxml import read_musicxml
from engine.learn.raw import START, Raw, Unheard
from engine.learn.song import Heard
from engine.theory.chord import Chord

HEAD = (
    '<score-partwise version="3.1"><part-list><score-part id="P1"><part-name>Voice</part-name>'
    '<midi-instrument id="P1-I1"><midi-channel>{channel}</midi-channel><midi-program>41</midi-program>'
    '<midi-unpitched>37</midi-unpitched></midi-instrument></score-part></part-list><part id="P1">'
)
FOUR = "<attributes><divisions>2</divisions><time><beats>4</beats><beat-type>4</beat-type></time>{more}</attributes>"


def score(*bars: str, channel: int = 1, more: str = "") -> Raw:
    text = HEAD.format(channel=channel)
    for number, bar in enumerate(bars, 1):
        head = FOUR.format(more=more) if number == 1 else ""
        text += f'<measure number="{number}">{head}{bar}</measure>'
    return read_musicxml((text + "</part></score-partwise>").encode(), "x")


def note(pitch: str, length: int, more: str = "", after: str = "") -> str:
    alter = f"<alter>{pitch[2]}1</alter>" if len(pitch) > 2 else ""
    return (
        f"<note>{more}<pitch><step>{pitch[0]}</step>{alter}<octave>{pitch[1]}</octave></pitch>"
        f"<duration>{length}</duration>{after}</note>"
    )


def rows(raw: Raw, track: int = 0) -> list[tuple[int, ...]]:
    return [tuple(row[:3]) for row in raw.tracks[track].notes.tolist()]


def test_notes_follow_one_another_and_chords_sound_together():
    raw = score(note("C4", 2) + note("E4", 2, "<chord/>") + note("G4+", 4), note("C5", 8))
    assert rows(raw) == [(0, 480, 60), (0, 480, 64), (480, 960, 68), (1440, 1920, 72)]
    assert raw.meters == ((0, 4, 4),) and raw.tracks[0].program == 40


def test_tied_notes_are_one():
    raw = score(note("C4", 8, after='<tie type="start"/>'), note("C4", 2, after='<tie type="stop"/>') + note("C4", 6))
    assert rows(raw) == [(0, 2400, 60), (2400, 1440, 60)]


def test_a_second_voice_goes_back_and_a_second_staff_is_a_track():
    raw = score(note("C5", 8) + "<backup><duration>8</duration></backup>" + note("C3", 8, after="<staff>2</staff>"))
    assert [rows(raw, track) for track in (0, 1)] == [[(0, 1920, 72)], [(0, 1920, 48)]]


def test_grace_notes_take_no_time_and_rests_no_sound():
    bar = note("D4", 2, "<grace/>") + "<note><rest/><duration>4</duration></note>" + note("E4", 4)
    assert rows(score(bar)) == [(960, 960, 64)]


def test_transposing_instruments_sound():
    raw = score(note("D4", 8), more="<transpose><chromatic>-2</chromatic></transpose>")
    assert rows(raw) == [(0, 1920, 60)]


def test_percussion_is_told_from_pitches():
    raw = score(
        "<note><unpitched/><duration>8</duration><instrument id='P1-I1'/></note>",
        more="<clef><sign>percussion</sign></clef>",
    )
    assert raw.tracks[0].channel10 and rows(raw) == [(0, 1920, 36)]
    assert score(note("C4", 8), channel=10).tracks[0].channel10


@pytest.mark.parametrize(
    ("inside", "chord"),
    [
        ("<kind>dominant</kind>", Chord(7, "7", 7)),
        (
            "<kind>minor-seventh</kind><bass><bass-step>B</bass-step><bass-alter>-1</bass-alter></bass>",
            Chord(7, "min7", 10),
        ),
        (
            "<kind>major</kind><degree><degree-value>9</degree-value><degree-alter>0</degree-alter>"
            "<degree-type>add</degree-type></degree>",
            Chord(7, "add9", 7),
        ),
        ("<kind>none</kind>", None),
    ],
)
def test_chord_symbols_are_read(inside, chord):
    root = "<root><root-step>G</root-step></root>"
    raw = score(note("C4", 4) + f"<harmony>{root}{inside}</harmony>" + note("C4", 4))
    assert raw.chords == ((960, chord),)


def test_tempo_markers_and_keys_are_read():
    mark = (
        "<direction><direction-type><rehearsal>Chorus</rehearsal></direction-type></direction>"
        "<direction><direction-type><metronome><beat-unit>quarter</beat-unit><beat-unit-dot/>"
        "<per-minute>80</per-minute></metronome></direction-type></direction>"
    )
    raw = score(mark + note("C4", 8), more="<key><fifths>-1</fifths><mode>minor</mode></key>")
    assert raw.tempos == ((0, 500_000),) and raw.markers == ((0, "Chorus"),) and raw.keys == ((0, -1, True),)


def test_a_first_bar_that_is_short_is_an_upbeat():
    raw = score(note("G4", 2), note("C5", 8))
    assert raw.upbeat == 480 and raw.tracks[0].notes[:, START].tolist() == [0, 480]


@pytest.mark.parametrize("text", [b"<a/>", b"<score-timewise/>", b"<score-partwise>", b"\x00"])
def test_what_is_no_score_has_one_reason(text):
    with pytest.raises(Unheard):
        read_musicxml(text, "x")


def test_the_same_score_is_read_as_music21_reads_it():
    from music21 import chord, key, meter, note, stream
    from music21.musicxml.m21ToXml import GeneralObjectExporter

    part = stream.Part([meter.TimeSignature("3/4"), key.KeySignature(2)])
    for number in range(24):
        part.append(note.Note(60 + number % 7, quarterLength=(1, 0.5, 1.5, 4 / 3, 2 / 3)[number % 5]))
        part.append(chord.Chord([48 + number, 52 + number, 55 + number], quarterLength=1))
    text = GeneralObjectExporter(part).parse()
    notes = sorted(
        (round(float(item.offset) * 480), pitch.midi) for item in part.flatten().notes for pitch in item.pitches
    )
    found = sorted((row[0], row[2]) for row in rows(read_musicxml(text, "x")))
    assert found == notes


def voices(count: int) -> bytes:
    text = "".join(f"V:{number}\nK:C\n" + "|".join([f"{letter}4 {letter}4"] * 12) + "|\n" for number, letter in zip(
        range(1, count + 1), ("c", "G", "E", "C,"), strict=False))  # fmt: skip
    return f"X:1\nM:4/4\nL:1/8\n{text}".encode()


def test_the_voices_of_a_part_song_have_roles_by_their_height():
    (song,) = listen_bytes(voices(4), "song.abc")
    assert isinstance(song, Heard)
    assert [track.role for track in song.tracks] == ["melody", "pad", "pad", "bass"]


ABC = b"X:1\nM:4/4\nL:1/8\nK:C\n"
LONG = "".join(f'<measure number="{n}">{note("C4", 8)}</measure>' for n in range(4000))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("bars.abc", ABC + b"GABc dedB|" * 900),
        ("unbarred.abc", ABC + b"CEG" * 9000),
        ("chord.abc", ABC + b"[CEG" * 9000),
        ("tuplets.abc", ABC + b"(3" * 9000),
        ("bars.krn", b"**kern\n" + b"4c\n=\n" * 900 + b"*-\n"),
        ("wide.krn", b"**kern\n" + b"4c\t" * 30_000),
        ("bars.xml", f'{HEAD.format(channel=1)}{LONG}</part></score-partwise>'.encode()),
        ("deep.xml", b"<score-partwise>" + b"<a>" * 300_000),
        ("long.xml", f'{HEAD.format(channel=1)}{LONG.replace("8<", "99999999<")}</part></score-partwise>'.encode()),
    ],
)  # fmt: skip
def test_what_is_far_too_long_is_refused_in_little_time(name, data):
    began = time.process_time()
    (found,) = listen_bytes(data, name)
    assert time.process_time() - began < 2
    assert isinstance(found, Skipped) and "fault of Hookline" not in found.reason
