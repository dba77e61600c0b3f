"""Steering bends songs and breaks no rule: every knob at its ends, alone and together."""

from __future__ import annotations

import pytest

from engine.export.midi import midi
from engine.export.songfile import song_file
from engine.export.songread import read_song_file
from engine.models.novelty import ORDER, novelty
from engine.pipeline import compose
from engine.request import make_request
from engine.style import names
from tests.property.test_songs import check

ENDS = [
    {"energy": 0},
    {"energy": 1},
    {"complexity": 0},
    {"complexity": 1},
    {"catchy": 0},
    {"catchy": 1},
    {"mood": "bright"},
    {"mood": "dark"},
    {"temperature": 0.5},
    {"temperature": 4},
    {"energy": 0, "complexity": 1, "catchy": 0, "mood": "dark", "temperature": 4},
    {"energy": 1, "complexity": 0, "catchy": 1, "mood": "bright", "temperature": 0.5},
]
SHORT = [(style, 3 + number, options) for number, options in enumerate(ENDS) for style in names()[number % 3 :: 3]]
LONG = [(style, seed, options) for options in ENDS for style in ("rock", "punk") for seed in range(40, 44)]


def checked(style: str, seed: int, options: dict[str, object]) -> None:
    song = compose(make_request(style=style, seed=seed, **options))
    check(song)
    assert novelty(song, "rock")[0] <= ORDER


@pytest.mark.parametrize(("style", "seed", "options"), SHORT)
def test_a_steered_song_breaks_no_rule(style, seed, options):
    checked(style, seed, options)


@pytest.mark.slow
@pytest.mark.parametrize(("style", "seed", "options"), LONG)
def test_hundreds_of_steered_songs_break_no_rule(style, seed, options):
    checked(style, seed, options)


def test_the_middle_of_every_knob_is_the_style_itself():
    plain = compose(make_request(seed=11))
    middle = compose(make_request(seed=11, energy=0.5, complexity=0.5, catchy=0.5, mood="neutral", temperature=1))
    assert (plain.sections, plain.parts, plain.feel) == (middle.sections, middle.parts, middle.feel)


def test_a_steered_song_can_be_made_again_from_its_file():
    asked = {"energy": 0.8, "complexity": 0.3, "catchy": 0.9, "mood": "dark", "temperature": {"melody": 1.5}}
    song = compose(make_request(seed=12, **asked))
    read = read_song_file(song_file(song))
    assert read == song
    assert midi(compose(read.request)) == midi(song)


def test_a_style_may_steer(tmp_path):
    path = tmp_path / "dark.yaml"
    path.write_text("extends: rock\nsteering: {mood: 100, energy: 0, temperature: {bass: 50}}\n", encoding="utf-8")
    song = compose(make_request(style=str(path), seed=13))
    asked = compose(make_request(seed=13, mood="dark", energy=0, temperature={"bass": 0.5}))
    assert song.parts == asked.parts
    assert song.style_hash != asked.style_hash


def test_a_temperature_leaves_the_other_parts_as_they_are():
    plain, hot = compose(make_request(seed=14)), compose(make_request(seed=14, temperature={"bass": 2}))
    assert {one.name for one, other in zip(plain.parts, hot.parts, strict=True) if one != other} == {"bass"}
