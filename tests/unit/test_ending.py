"""How a song ends: one hit, held or cut off, and who is silent before it."""

from __future__ import annotations

from dataclasses import replace

from bands import BAND, band_plan, band_section, rock

from engine.pipeline import compose
from engine.plan.ending import ending_bar, ending_length, silences
from engine.song import Request
from engine.style import load

LONG = band_section("outro", bars=16, players=BAND)
SUNG = band_section("outro", bars=16)
VERSE = band_section("verse")


def test_the_last_bar_of_the_song_is_the_final_hit() -> None:
    plan = band_plan(VERSE, LONG)
    assert [ending_bar(plan, section) for section in plan.sections] == [-1, 15]


def test_a_final_hit_is_held_or_cut_off() -> None:
    assert ending_length(band_plan(LONG, style=rock(form_stop=0))) == 1440
    assert ending_length(band_plan(LONG, style=rock(form_stop=100))) == 240


def test_drums_fall_silent_before_the_last_hit_of_a_long_outro() -> None:
    for seed in range(8):
        plan = band_plan(VERSE, LONG, seed=seed, style=rock(form_thin=100))
        assert silences(plan, plan.sections[0]) == {}
        quiet = silences(plan, plan.sections[1])
        assert "drums" in quiet and set(quiet) <= {"drums", "bass"} and set(quiet.values()) <= {11, 13}


def test_nobody_falls_silent_under_a_singer() -> None:
    plan = band_plan(VERSE, SUNG, style=rock(form_thin=100))
    assert silences(plan, plan.sections[1]) == {}


def test_silent_drums_still_play_the_final_hit() -> None:
    style = load("rock")
    always = {**style.rules, "form.thin": 100}
    for seed in range(40):
        song = compose(Request(seed=seed), style)
        last = song.sections[-1]
        if last.kind == "outro" and last.bars > 8 and "melody" not in last.players and "drums" in last.players:
            song = compose(Request(seed=seed), replace(style, rules=always))
            end = song.bars - 1
            bars = {note.start // song.meter.bar for note in song.part("drums").notes}
            assert end in bars and end - 1 not in bars
            return
    raise AssertionError("no song has a long outro without a voice")
