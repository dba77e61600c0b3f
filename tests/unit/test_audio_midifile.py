"""MIDI files as scores: what other programs write."""

from __future__ import annotations

import mido
import pytest
from fakes import small_song

from engine.audio.midifile import midi_score
from engine.audio.score import END, KEY, START, VELOCITY, song_score
from engine.audio.soundfont import DRUM_BANK
from engine.errors import SongFileError
from engine.export.midi import midi

RATE = 44_100


@pytest.fixture
def score(tmp_path):
    """Gives the score of a file made of messages at ticks (480 to the quarter), by default at 120 bpm."""

    def read(*events, name="", file_type=1):
        file = mido.MidiFile(ticks_per_beat=480, type=file_type)
        track = file.add_track(name or None)
        now = 0
        for tick, message in sorted(events, key=lambda event: event[0]):
            track.append(message.copy(time=tick - now))
            now = tick
        file.save(tmp_path / "song.mid")
        return midi_score(tmp_path / "song.mid")

    return read


def message(kind, **values):
    return (mido.MetaMessage if kind in ("set_tempo", "time_signature") else mido.Message)(kind, **values)


def note(start, end, key=60, channel=0, velocity=90):
    on = message("note_on", note=key, channel=channel, velocity=velocity)
    return [(start, on), (end, message("note_off", note=key, channel=channel))]


def test_times_follow_the_tempo(score):
    (track,) = score(
        *note(0, 480), (960, message("set_tempo", tempo=1_000_000)), *note(960, 1440), *note(1920, 2400)
    ).tracks
    # Two quarters of half a second, then a second each.
    assert track.notes[:, [START, END]].tolist() == [[0, RATE // 2], [RATE, 2 * RATE], [3 * RATE, 4 * RATE]]


def test_programs_and_channels_are_players(score):
    tracks = score(
        (0, message("program_change", program=30)),
        (0, message("program_change", program=33, channel=1)),
        *note(0, 480),
        *note(0, 480, channel=1),
        *note(0, 480, key=38, channel=9),
    ).tracks
    assert [(track.program, track.role) for track in tracks] == [(30, "rhythm"), (33, "bass"), (0, "drums")]
    assert tracks[2].bank == DRUM_BANK


def test_a_change_of_program_changes_the_player(score):
    tracks = score(*note(0, 480), (960, message("program_change", program=48)), *note(960, 1440)).tracks
    assert [track.program for track in tracks] == [0, 48]


def test_volume_and_pan_are_those_set_before_the_notes(score):
    (track,) = score(
        (0, message("control_change", control=7, value=64)),
        (0, message("control_change", control=10, value=20)),
        *note(0, 480),
    ).tracks
    assert (track.volume, track.pan, track.levels) == (64, 20, ())


def test_a_fade_is_a_list_of_levels(score):
    (track,) = score(
        (0, message("control_change", control=7, value=100)),
        *note(0, 1920),
        (960, message("control_change", control=11, value=64)),
    ).tracks
    assert track.levels == ((0, 1.0), (RATE, pytest.approx((64 / 127) ** 2)))


def test_bends_are_in_semitones_and_know_their_reach(score):
    (track,) = score(
        *((0, message("control_change", control=c, value=v)) for c, v in ((101, 0), (100, 0), (6, 12))),
        *note(0, 1920),
        (960, message("pitchwheel", pitch=4096)),
    ).tracks
    assert track.bends == ((RATE, 6.0),)


def test_the_pedal_holds_notes(score):
    (track,) = score(
        (0, message("control_change", control=64, value=127)),
        *note(0, 240),
        *note(480, 600, key=64),
        (960, message("control_change", control=64, value=0)),
    ).tracks
    assert track.notes[:, END].tolist() == [RATE, RATE]


def test_a_note_struck_again_ends_the_one_before(score):
    (track,) = score(
        (0, message("note_on", note=60, velocity=90)),
        (480, message("note_on", note=60, velocity=80)),
        *note(960, 1000, 62),
    ).tracks
    assert track.notes[:2, [START, END, VELOCITY]].tolist() == [[0, RATE // 2, 90], [RATE // 2, 45_938, 80]]


def test_a_note_on_of_no_velocity_is_an_off(score):
    (track,) = score((0, message("note_on", note=60)), (480, message("note_on", note=60, velocity=0))).tracks
    assert track.notes[0].tolist()[:4] == [0, RATE // 2, 60, 64]


def test_bars_follow_the_time_signatures(score):
    found = score(
        (0, message("time_signature", numerator=3, denominator=4)),
        *note(0, 480),
        (1440, message("time_signature", numerator=4, denominator=4)),
        *note(1440, 3360),
    )
    assert found.bars == (0, 3 * RATE // 2, 3 * RATE // 2 + 2 * RATE)
    assert found.beats == (0, RATE // 2, RATE)


def test_our_own_files_give_what_the_song_gives(tmp_path):
    song = small_song()
    (tmp_path / "a.mid").write_bytes(midi(song))
    read, made = midi_score(tmp_path / "a.mid"), song_score(song)
    assert read.bars == made.bars
    for a, b in zip(read.tracks, made.tracks, strict=True):
        assert (a.role, a.bank, a.program, a.volume, a.pan) == (b.role, b.bank, b.program, b.volume, b.pan)
        assert abs(a.notes[:, START] - b.notes[:, START]).max() <= 1
        assert a.notes[:, [KEY, VELOCITY]].tolist() == b.notes[:, [KEY, VELOCITY]].tolist()


@pytest.mark.parametrize("content", [b"", b"MThd", b"hello", b"MThd\0\0\0\6\0\1\0\1\1\xe0MTrk\0\0\0\x63\0"])
def test_what_is_no_midi_file_is_refused(tmp_path, content):
    (tmp_path / "bad.mid").write_bytes(content)
    with pytest.raises(SongFileError, match=r"bad\.mid"):
        midi_score(tmp_path / "bad.mid")


def test_a_file_without_notes_is_refused(score):
    with pytest.raises(SongFileError, match="no notes"):
        score((0, message("program_change", program=3)))


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(SongFileError, match="no such file"):
        midi_score(tmp_path / "none.mid")
