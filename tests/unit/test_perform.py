"""Feel: deviations that scale, stay in their place and never tangle the notes."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from statistics import pstdev

import pytest

from engine.perform import Played, perform
from engine.song import ACCENT, GHOST, SOFT, Feel, Note, Part, Request, Section, Song
from engine.theory.key import Key
from engine.theory.meter import Meter

BAR = 1920


def song_of(*parts, feel=100, seed=1, bars=4, meter=None, sound=None, tempo=120):
    meter = meter or Meter()
    sections = (
        Section("verse/1", "verse", "verse", 0, bars // 2, 3),
        Section("chorus/1", "chorus", "chorus", bars // 2, bars // 2, 5),
    )
    return Song("0", Request(seed=seed, feel=feel), "", Key(0), tempo, meter, sections, parts, sound or Feel())


def beat(bars=4):
    notes = []
    for slot in range(0, 16 * bars, 2):
        notes.append(Note(slot * 120, 60, 42, SOFT))
        if slot % 8 == 0:
            notes.append(Note(slot * 120, 60, 36, ACCENT))
        if slot % 8 == 4:
            notes.append(Note(slot * 120, 60, 38, ACCENT))
    return Part("drums", tuple(sorted(notes)))


def line(name="bass", bars=4):
    return Part(name, tuple(Note(i * 240, 240, 40 + i % 2) for i in range(8 * bars)))


def test_no_feel_is_the_score_itself():
    song = song_of(beat(), line(), feel=0)
    for part in song.parts:
        assert [(n.start, n.length, n.pitch) for n in perform(song)[part.name]] == [n[:3] for n in part.notes]


def test_velocity_without_feel_follows_stress_alone():
    part = Part("drums", tuple(Note(i * 480, 60, 38, stress) for i, stress in enumerate((GHOST, SOFT, 2, ACCENT) * 2)))
    velocities = [n.velocity for n in perform(song_of(part, feel=0))["drums"]]
    assert velocities[:4] == velocities[4:] == sorted(set(velocities))


def test_feel_moves_notes_but_not_far():
    song = song_of(beat())
    shifts = [p.start - n.start for p, n in zip(perform(song)["drums"], beat().notes, strict=True)]
    assert len(set(shifts)) > 5
    # 24 ms at 120 beats a minute is 23 ticks.
    assert max(map(abs, shifts)) <= 24


def test_half_the_feel_is_half_as_far():
    whole, half, none = (perform(song_of(beat(), feel=feel))["drums"] for feel in (100, 50, 0))
    for a, b, c, note in zip(whole, half, none, beat().notes, strict=True):
        assert abs(b.start - note.start) <= abs(a.start - note.start) + 1
        assert a.velocity == 127 or abs(2 * b.velocity - a.velocity - c.velocity) <= 2


def test_songs_have_drummers_who_play_more_or_less_loud():
    spreads = []
    for seed in range(12):
        velocities = [n.velocity for n in perform(song_of(beat(), seed=seed))["drums"]]
        spreads.append(pstdev(velocities))
    assert max(spreads) > 1.3 * min(spreads)


def test_a_loud_section_is_played_louder():
    loud = quiet = 0
    for seed in range(20):
        played = perform(song_of(beat(bars=8), seed=seed, bars=8))["drums"]
        quiet += sum(n.velocity for n in played if n.start < 4 * BAR - 120)
        loud += sum(n.velocity for n in played if n.start >= 4 * BAR - 120)
    assert loud > quiet


def test_order_and_count_are_those_of_the_score():
    song = song_of(beat(), line())
    for part in song.parts:
        assert [n.pitch for n in perform(song)[part.name]] == [n.pitch for n in part.notes]


def test_another_part_s_notes_move_nothing():
    alone = perform(song_of(beat()))["drums"]
    assert perform(song_of(beat(), line()))["drums"] == alone


def test_a_changed_note_moves_no_other():
    part = line()
    changed = replace(part, notes=(*part.notes[:3], part.notes[3]._replace(pitch=52), *part.notes[4:]))
    before, after = (perform(song_of(p))["bass"] for p in (part, changed))
    assert [a == b for a, b in zip(before, after, strict=True)].count(False) == 1


def test_another_seed_feels_otherwise():
    assert perform(song_of(beat()))["drums"] != perform(song_of(beat(), seed=2))["drums"]


def test_notes_of_a_chord_sound_together():
    chords = Part("rhythm", tuple(Note(i * 240, 240, p) for i in range(32) for p in (40, 47, 52)))
    played = perform(song_of(chords))["rhythm"]
    assert all(played[i].start == played[i + 1].start == played[i + 2].start for i in range(0, 96, 3))


def test_a_joined_line_stays_joined():
    played = perform(song_of(line("melody")))["melody"]
    assert all(a.start + a.length == b.start for a, b in pairwise(played))


def test_nothing_starts_before_or_sounds_after_the_song():
    part = Part("melody", (Note(0, 240, 60), Note(4 * BAR - 240, 960, 62)))
    for seed in range(20):
        first, last = perform(song_of(part, seed=seed))["melody"]
        assert first.start >= 0 and last.start + last.length <= 4 * BAR


def test_swing_delays_the_off_beat():
    song = song_of(line(), feel=0, sound=Feel(swing=67))
    assert [n.start for n in perform(song)["bass"][:4]] == [0, 321, 480, 801]


def test_repeated_pitches_never_overlap():
    part = Part("bass", tuple(Note(i * 60, 90, 40) for i in range(64)))
    for seed in range(10):
        played = perform(song_of(part, seed=seed, sound=Feel(swing=66, swing_unit=1)))["bass"]
        assert all(a.start + a.length <= b.start for a, b in pairwise(played))


@pytest.mark.parametrize("meter", [Meter(3, 4), Meter(6, 8), Meter(12, 8)])
def test_other_metres_are_played(meter):
    part = Part("drums", tuple(Note(i * 240, 60, 42) for i in range(4 * meter.slots // 2)))
    assert len(perform(song_of(part, meter=meter))["drums"]) == len(part.notes)


def test_an_empty_part_plays_nothing():
    assert perform(song_of(Part("lead", ())))["lead"] == ()


def test_played_is_start_length_pitch_velocity():
    assert Played._fields == ("start", "length", "pitch", "velocity")
