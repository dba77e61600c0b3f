"""A band for a tune: what it plays, where, and that the tune stays as it is."""

from __future__ import annotations

import json
import re
import shlex

import mido
import numpy as np
import pytest

from engine import api
from engine.alone.accompany import accompany
from engine.alone.tracks import original, with_tracks
from engine.errors import ExportError, SongFileError, UsageError
from engine.learn.grid import file_ticks
from engine.perform import Played
from engine.song import Part
from tests.midi_bytes import CHORDS, TUNE, midi, signature, tempo, track

KICK, SNARE = 36, (37, 38)


def tune(bars=16, over=4, under=4, division=480, shift=0, metas=(), move=None):
    """Tracks of a piano with a chord a bar (Am F C G), its roots below, and a tune of one note a beat.

    move: (tick) -> tick, for a player who does not keep to the grid.
    """
    move = move or (lambda tick: tick)
    beat = division * 4 // under
    high, low = [], []
    for bar in range(bars):
        at, chord = shift + bar * over * beat, CHORDS[bar % 4]
        low += [(move(at), move(at + over * beat) - move(at) - 10, pitch) for pitch in (chord[0] - 12, *chord)]
        for step in range(over):
            start = move(at + step * beat)
            high.append((start, move(at + (step + 1) * beat) - start - 10, TUNE[(bar * over + step) % 16]))
    return (
        track(metas=(signature(over, under), tempo(500_000), *metas)),
        track(high, 0, 73, "tune"),
        track(low, 1, 0, "piano"),
    )


@pytest.fixture
def played(tmp_path):
    """Accompany bytes; gives what was made, and the absolute messages of the added tracks by player."""

    def make(data, add=("drums", "bass"), **more):
        path = tmp_path / "tune.mid"
        path.write_bytes(data)
        made = accompany(path, add, **more)
        (tmp_path / "band.mid").write_bytes(made.data)
        tracks = mido.MidiFile(tmp_path / "band.mid").tracks[-len(made.added) :]
        found = {}
        for part, messages in zip(made.added, tracks, strict=True):
            now, rows = 0, []
            for message in messages:
                now += message.time
                if message.type == "note_on":
                    rows.append((now, message.note))
            found[part.player] = rows
        return made, found

    return make


def kicks_on(rows, lines, near):
    struck = [at for at, pitch in rows if pitch == KICK]
    return [any(abs(at - line) <= near for at in struck) for line in lines]


def test_what_the_file_holds_stays_byte_for_byte(played):
    data = midi(*tune())
    made, _ = played(data)
    assert data[14:] == made.data[14 : len(data)]
    assert made.data[:14] == b"MThd\0\0\0\6\0\1\0\5" + data[12:14]


def test_a_file_of_one_track_keeps_it_as_the_first_of_several(played):
    both = [(at, length, pitch) for at, length, pitch in ((n * 480, 400, TUNE[n % 16]) for n in range(64))]
    both += [(bar * 1920, 1900, pitch - 12) for bar in range(16) for pitch in CHORDS[bar % 4]]
    one = track(both, 0, 0, metas=(signature(4, 4), tempo(500_000)))
    made, _ = played(midi(one, kind=0))
    assert made.data[8:10] == b"\0\1"
    assert made.data[14 : 14 + len(one)] == one


def test_the_kick_falls_on_the_files_bar_lines(played):
    _, found = played(midi(*tune()))
    assert np.mean(kicks_on(found["drums"], range(0, 15 * 1920, 1920), 30)) > 0.9


def test_the_time_base_of_the_file_holds(played):
    made, found = played(midi(*tune(division=96), division=96))
    assert made.data[12:14] == b"\0\x60"
    assert np.mean(kicks_on(found["drums"], range(0, 15 * 384, 384), 6)) > 0.9


def test_a_pick_up_is_no_bar(played):
    pick_up = 480
    high = track([(0, 400, 69)], 2, 73, "pick-up")
    _, found = played(
        midi(*tune(shift=pick_up, metas=((0, 0x58, bytes((1, 2, 24, 8))), (480, 0x58, bytes((4, 2, 24, 8))))), high)
    )
    assert np.mean(kicks_on(found["drums"], range(480, 15 * 1920, 1920), 30)) > 0.9
    assert min(at for at, _ in found["drums"]) >= pick_up - 30


def test_where_the_metre_changes_the_band_changes_with_it(played):
    first, waltz = tune(bars=8), tune(bars=8, over=3, shift=8 * 1920)
    joined = (
        track(metas=(signature(4, 4), tempo(500_000), (8 * 1920, 0x58, bytes((3, 2, 24, 8))))),
        *first[1:],
        *(part.replace(bytes((0x90,)), bytes((0x92,))) for part in waltz[1:2]),
        waltz[2],
    )
    _, found = played(midi(*joined))
    lines = [*range(0, 8 * 1920, 1920), *range(8 * 1920, 8 * 1920 + 7 * 1440, 1440)]
    assert np.mean(kicks_on(found["drums"], lines, 30)) > 0.9


def test_a_player_who_keeps_to_no_grid_is_followed(played):
    def rubato(tick):
        beat = tick / 480
        return round(500 * (beat + 3 * np.sin(beat / 14) + beat * beat / 600))

    _, found = played(midi(*(part for part in tune(bars=24, move=rubato)), division=480))
    lines = [rubato(bar * 1920) for bar in range(2, 22)]
    struck = np.array([at for at, pitch in found["drums"] if pitch == KICK or pitch in SNARE])
    beats = [rubato(beat * 480) for beat in range(8, 88)]
    assert np.mean([np.abs(struck - at).min() < 70 for at in beats]) > 0.5
    assert np.mean([np.abs(struck - at).min() < 70 for at in lines]) > 0.8


def test_quarters_in_triplets_keep_the_bars_of_the_signature(played):
    high = track([(n * 160, 150, TUNE[n % 12]) for n in range(192)], 0, 73, metas=(signature(4, 4),))
    low = track([(bar * 1920, 1900, pitch - 12) for bar in range(16) for pitch in CHORDS[bar % 4]], 1, 0)
    made, found = played(midi(high, low))
    assert str(made.heard.meter) == "12/8"
    assert np.mean(kicks_on(found["drums"], range(0, 15 * 1920, 1920), 30)) > 0.6
    assert all(min(abs(at % 160), 160 - at % 160) < 30 for at, _ in found["drums"])


def test_a_swung_tune_gets_a_swung_band(played):
    def swung(number):
        return number // 2 * 480 + 320 * (number % 2)

    high = track([(swung(n), 140, TUNE[n % 16]) for n in range(128)], 0, 73, metas=(signature(4, 4),))
    _, found = played(midi(high, tune()[2]), ("drums",))
    between = [at % 480 for at, _ in found["drums"] if 200 < at % 480 < 280]
    late = [at % 480 for at, _ in found["drums"] if 290 < at % 480 < 350]
    assert len(late) > 10
    assert not between


def test_the_bass_plays_tones_of_the_chords_on_downbeats(played):
    _, found = played(midi(*tune()))
    right = [
        pitch % 12 in {tone % 12 for tone in CHORDS[round(at / 1920) % 4]}
        for at, pitch in found["bass"]
        if abs(at - round(at / 1920) * 1920) < 40 and round(at / 1920) < 16
    ]
    assert len(right) > 8
    assert np.mean(right) > 0.95


def test_nothing_sounds_after_the_last_bar(played):
    for data, end in ((midi(*tune()), 16 * 1920), (midi(*tune(bars=17)), 17 * 1920)):
        _, found = played(data, ("drums", "bass", "guitar"))
        assert all(at < end for rows in found.values() for at, _ in rows)


@pytest.mark.parametrize("over, under", [(3, 4), (6, 8), (12, 8), (5, 4), (7, 8), (2, 4), (9, 8), (11, 16), (2, 2)])
def test_other_metres_are_played(played, over, under):
    bar = over * 1920 // under
    _, found = played(midi(*tune(bars=16, over=over, under=under)), ("drums", "bass", "guitar", "lead"))
    assert np.mean(kicks_on(found["drums"], range(0, 14 * bar, bar), 30)) > 0.7


def test_the_same_seed_plays_the_same(played):
    data = midi(*tune())
    assert played(data, seed=3)[0].data == played(data, seed=3)[0].data
    assert played(data, seed=3)[0].data != played(data, seed=4)[0].data


def test_without_a_word_what_lacks_is_added(played):
    from tests.midi_bytes import band

    assert [part.player for part in played(midi(*tune()), ())[0].added] == ["bass", "drums"]
    with pytest.raises(UsageError, match="drums and bass already"):
        played(band(), ())


def test_drums_that_stay_are_the_groove_of_a_bass_that_is_added(played):
    drums = [
        (bar * 1920 + at, 60, pitch) for bar in range(16) for at, pitch in ((0, 36), (1080, 36), (480, 38), (1440, 38))
    ]
    _, found = played(midi(*tune(), track(drums, 9, None, "kit")), ("bass",))
    struck = {round(at / 120) % 16 for at, _ in found["bass"]}
    assert {0, 9} <= struck


def test_soft_files_get_a_soft_band(played):
    loud, soft = (played(midi(*(part.replace(b"Z", bytes((level,))) for part in tune())))[0].data for level in (90, 50))
    assert len(loud) == len(soft)
    assert loud != soft


def test_added_parts_take_channels_that_are_free(tmp_path):
    path = tmp_path / "tune.mid"
    parts = [track([(0, 10, 60)], channel) for channel in (0, 1, 2, 5)]
    path.write_bytes(midi(*parts, track(channel=3, program=4)))
    whole = original(path)
    bass, lead = (Part(name, (), name) for name in ("bass", "lead"))
    notes = [Played(0, 10, 40, 90)]
    assert with_tracks(whole, [(bass, notes), (lead, notes), (Part("drums", (), "Drums"), notes)])[1] == (4, 6, 9)


def test_a_channel_that_is_only_set_is_taken_before_none(tmp_path):
    path = tmp_path / "tune.mid"
    path.write_bytes(midi(*(track([(0, 10, 60)], channel) for channel in range(15)), track(channel=15, program=4)))
    bass = (Part("bass", (), "Bass"), [Played(0, 10, 40, 90)])
    assert with_tracks(original(path), [bass])[1] == (15,)
    with pytest.raises(ExportError, match="no channel is free for bass"):
        with_tracks(original(path), [bass, bass])


def test_a_bare_melody_gets_chords_of_its_own(played):
    made, found = played(midi(track([(n * 480, 460, (60, 64, 67, 64)[n % 4]) for n in range(64)], 0, 73)))
    assert "the file has no harmony; chords were found for its melody" in made.heard.problems
    assert {pitch % 12 for at, pitch in found["bass"] if at % 1920 < 30} <= {0, 4, 7, 9}


def test_drums_alone_can_be_given_to_drums(played):
    beat = midi(track([(n * 240, 60, 36 if n % 4 == 0 else 42) for n in range(64)], 9))
    assert played(beat, ("drums",))[1]["drums"]
    with pytest.raises(SongFileError, match="drums alone"):
        played(beat, ("bass",))


def test_chunks_that_are_no_tracks_stay_behind_all_tracks(played):
    alien = b"XYZW\0\0\0\4abcd"
    data = midi(*tune()) + alien
    made, _ = played(data)
    assert made.data.endswith(alien)
    assert made.data[14:].startswith(data[14 : -len(alien)])


def test_a_part_without_room_gets_no_track(played, run, tmp_path):
    made, _ = played(midi(*tune()), ("drums", "lead"))
    assert [part.player for part in made.added] == ["drums"]
    with pytest.raises(SongFileError, match="no room for lead"):
        played(midi(*tune()), ("lead",))
    _, _, err = run("accompany", "tune.mid", "--add", "drums,lead", "--seed", "0", "-o", "band.mid")
    assert "note: the tune leaves no room for lead\n" in err


def test_file_ticks_are_the_way_back_of_a_swung_grid():
    anchors = np.array([[100.0, -480.0], [340.0, 0.0]])
    at = np.array([-480, -240, 0, 120, 240, 360, 480])
    assert file_ticks(at, anchors, 50, 2).tolist() == [100, 220, 340, 400, 460, 520, 580]
    assert file_ticks(at, anchors, 60, 2).tolist() == [100, 244, 340, 412, 484, 532, 580]


@pytest.mark.parametrize(
    "data, told",
    [
        (b"", "is no MIDI file"),
        (b"MThd", "cut short"),
        (b"nothing of music", "is no MIDI file"),
        (midi(track()), "no notes|holds"),
        (midi(*tune())[:-40], "damaged|cannot read"),
        (midi(*tune(), kind=2), "several pieces"),
    ],
)
def test_a_bad_file_gives_one_clear_line(tmp_path, data, told):
    path = tmp_path / "bad.mid"
    path.write_bytes(data)
    with pytest.raises(SongFileError, match=told) as caught:
        accompany(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_part_that_is_none_is_refused(tmp_path):
    path = tmp_path / "tune.mid"
    path.write_bytes(midi(*tune()))
    with pytest.raises(UsageError, match='--add "tuba"'):
        api.accompany(path, ["tuba"])


def test_the_example_of_the_help_works(run, tmp_path):
    (tmp_path / "tune.mid").write_bytes(midi(*tune()))
    _, text, _ = run("accompany", "--help")
    example = re.search(r"Example: hookline (.*?)\n\n", text.decode(), re.S)
    assert example
    code, _, err = run(*shlex.split(" ".join(example[1].split())))
    assert code == 0, err
    assert (tmp_path / "band.mid").read_bytes()[14:].startswith((tmp_path / "tune.mid").read_bytes()[14:])


def test_programs_are_told_what_was_heard_and_added(run, tmp_path):
    (tmp_path / "tune.mid").write_bytes(midi(*tune()))
    code, out, _ = run("accompany", "tune.mid", "--seed", "1", "--json", "-o", "band.mid")
    told = json.loads(out)
    assert code == 0
    assert told["key"] == "A minor"
    assert told["meters"] == [[1, "4/4"]]
    assert [part["part"] for part in told["added"]] == ["bass", "drums"]
    assert [symbol for _, symbol in told["sections"][0]["chords"]][:4] == ["Am", "F", "C", "G"]
