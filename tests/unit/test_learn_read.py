"""Reading: MIDI good and bad, notation, and what cannot be music."""

from __future__ import annotations

import numpy as np
import pytest
from midi_bytes import band, midi, number, signature, tempo, track

from engine.learn.raw import LENGTH, MAX_NOTES, PITCH, START, Raw, RawTrack, Unheard, sound
from engine.learn.read import read, read_bytes
from engine.learn.smf import MAX_BYTES, read_midi
from engine.theory.chord import Chord

SCALE = [(480 * n, 400, 60 + n) for n in range(20)]


def only(data: bytes, name: str = "x.mid") -> Raw:
    (raw,) = read_bytes(data, name)
    return raw


def test_tracks_programs_signatures_and_markers_are_read():
    metas = [signature(3, 4), tempo(400_000), (0, 0x59, bytes([254, 1])), (960, 0x06, b"Verse")]
    raw = only(midi(track(metas=metas), track(SCALE, 3, 33, "Bass"), track(SCALE, 9)))
    assert [(t.name, t.program, t.channel10, len(t.notes)) for t in raw.tracks] == [
        ("Bass", 33, False, 20),
        ("", -1, True, 20),
    ]
    assert raw.meters == ((0, 3, 4),)
    assert raw.tempos == ((0, 400_000),)
    assert raw.keys == ((0, -2, True),)
    assert raw.markers == ((960, "Verse"),)


def test_a_file_of_one_track_is_split_by_channel():
    one, two = track(SCALE, 0, 0), track([(at, n, 40) for at, n, _ in SCALE], 9)
    body = one[8:-4] + b"\x00" + two[9:]  # both voices one after another in a single track
    raw = only(midi(b"MTrk" + len(body).to_bytes(4, "big") + body, kind=0))
    assert [track.channel10 for track in raw.tracks] == [False, True]


@pytest.mark.parametrize("division", [0, 1, 0xE728, 0x8000])
def test_a_division_that_cannot_be_is_mended_and_told(division):
    raw = only(midi(track(SCALE), division=division))
    assert raw.resolution > 11
    assert raw.problems
    assert sum(len(track.notes) for track in raw.tracks) == 20


def test_a_truncated_file_gives_what_it_has_and_says_so():
    whole = midi(track(SCALE))
    raw = only(whole[: len(whole) // 2])
    assert 5 < len(raw.tracks[0].notes) < 20
    assert "damaged" in raw.problems[0]


def test_bytes_before_the_header_are_passed_over():
    assert len(only(b"\x00" * 128 + midi(track(SCALE))).tracks[0].notes) == 20


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"hello", "MThd"),
        (midi(track()), "no note"),
        (b"MThd" + b"\xff" * 40, "no note"),
        (b"\x00" * (MAX_BYTES + 1), "too large"),
    ],
)
def test_what_is_no_song_has_one_reason(data, reason):
    with pytest.raises(Unheard, match=reason):
        sound(only(data))


def test_ten_megabytes_of_running_status_are_refused_unread(tmp_path):
    path = tmp_path / "long.mid"
    path.write_bytes(midi(b"MTrk" + (10_000_000).to_bytes(4, "big") + b"\x00\x90" + b"\x3c\x40\x00" * 3_333_333))
    with pytest.raises(Unheard, match="too large"):
        list(read(path))


def test_an_unknown_suffix_is_told_with_the_known_ones():
    with pytest.raises(Unheard, match=r"\.musicxml"):
        list(read_bytes(b"text", "notes.txt"))


def raw_of(notes: list[tuple[int, int, int, int]], **more: object) -> Raw:
    return Raw("x", 480, (RawTrack(np.array(notes, np.int64)),), **more)  # type: ignore[arg-type]


def test_notes_that_never_end_are_shortened():
    raw = sound(raw_of([(0, 10**7, 60, 90), (480, 480, 62, 90)]))
    assert raw.tracks[0].notes[0, LENGTH] == 64 * 480
    assert "1 notes last longer" in raw.problems[0]


def test_the_fullest_part_between_silences_is_kept():
    notes = [(480 * n, 400, 60, 90) for n in range(10)] + [(10**9 + 480 * n, 400, 60, 90) for n in range(30)]
    raw = sound(raw_of(notes))
    assert len(raw.tracks[0].notes) == 30
    assert "silence" in raw.problems[0]


def test_absurd_tempi_and_metres_are_left_out():
    raw = sound(raw_of([(0, 480, 60, 90)], tempos=((0, 1), (10, 500_000)), meters=((0, 0, 4), (9, 4, 128), (20, 3, 4))))
    assert raw.tempos == ((10, 500_000),)
    assert raw.meters == ((20, 3, 4),)
    assert len(raw.problems) == 2


def test_more_notes_than_any_song_are_refused():
    with pytest.raises(Unheard, match="more than any song"):
        sound(raw_of([(0, 1, 60, 90)] * (MAX_NOTES + 1)))


ABC = """X:1
T:One
M:3/4
L:1/8
K:G
"Em"E2 G2 B2|"Am"A2 c2 e2|"D7"d2 c2 A2|"G"G6|

X:2
T:Two
M:6/8
L:1/8
K:D
DEF GAB|ABc d3|DEF GAB|A3 D3|
"""


def test_a_tune_book_gives_every_tune_with_its_chords():
    one, two = read_bytes(ABC.encode(), "book.abc")
    assert one.meters == ((0, 3, 4),)
    assert two.meters == ((0, 6, 8),)
    assert [chord for _, chord in one.chords] == [
        Chord(4, "min", 4),
        Chord(9, "min", 9),
        Chord(2, "7", 2),
        Chord(7, "maj", 7),
    ]
    assert one.tracks[0].notes[:3, PITCH].tolist() == [64, 67, 71]


KERN = "**kern\n*M4/4\n*k[]\n*C:\n4c\n4d\n4e\n4f\n=2\n2g\n2e\n=3\n1c\n*-\n"


def test_kern_is_read():
    (raw,) = read_bytes(KERN.encode(), "tune.krn")
    assert raw.tracks[0].notes[:, PITCH].tolist() == [60, 62, 64, 65, 67, 64, 60]
    assert raw.tracks[0].notes[:, START].tolist() == [0, 480, 960, 1440, 1920, 2880, 3840]


XML = """<?xml version="1.0"?><score-partwise version="3.1"><part-list><score-part id="P1"><part-name>Voice</part-name>
</score-part></part-list><part id="P1"><measure number="0" implicit="yes"><attributes><divisions>1</divisions>
<time><beats>4</beats><beat-type>4</beat-type></time></attributes><note><pitch><step>G</step><octave>4</octave></pitch>
<duration>1</duration></note></measure>%s</part></score-partwise>"""
MEASURE = """<measure number="%d"><note><pitch><step>C</step><octave>5</octave></pitch><duration>4</duration></note>
</measure>"""


def test_an_upbeat_of_notation_is_known():
    text = XML % "".join(MEASURE % n for n in (1, 2, 3))
    (raw,) = read_bytes(text.encode(), "song.musicxml")
    assert raw.upbeat == 480
    assert raw.scored


@pytest.mark.parametrize("name", ["bad.xml", "bad.mxl", "bad.abc", "bad.krn"])
def test_damaged_notation_has_one_reason(name):
    with pytest.raises(Unheard):
        for raw in read_bytes(b"<score PK \x00\xff" * 9, name):
            sound(raw)


def test_xml_entities_are_refused():
    with pytest.raises(Unheard, match="entities"):
        list(read_bytes(b'<!DOCTYPE x [<!ENTITY a "b">]><score-partwise/>', "x.xml"))


def test_numbers_are_written_as_midi_does():
    assert number(0x0FFFFFFF) == b"\xff\xff\xff\x7f"
    assert read_midi(band(4), "x").tracks[3].channel10
