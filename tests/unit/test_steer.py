"""Steering: a style bent within its own limits, and itself in the middle."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.song import Steering
from engine.style import load, names
from engine.style.rules import RULES
from engine.style.steer import CATCHY, COMPLEXITY, ENERGY, steered

KNOBS = ("energy", "complexity", "catchy", "mood")


@pytest.mark.parametrize("name", names())
def test_nothing_asked_is_the_style_itself(name):
    style = load(name)
    assert steered(style, Steering()) is style


@pytest.mark.parametrize("knob", KNOBS)
def test_the_middle_changes_nothing_but_what_was_asked(knob):
    style, asked = load("rock"), Steering(**{knob: 50})
    assert replace(steered(style, asked), steering=Steering()) == style


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("knob", KNOBS)
@pytest.mark.parametrize("at", [0, 25, 75, 100])
def test_rules_and_energies_stay_within_their_limits(name, knob, at):
    style = load(name)
    found = steered(style, Steering(**{knob: at}))
    assert all(RULES[rule].low <= value <= RULES[rule].high for rule, value in found.rules.items())
    assert all(1 <= level <= 5 for level in found.energy.values())
    assert any(found.modes.values())
    own, voice = style.parts["melody"], found.parts["melody"]
    assert own.low <= voice.low < voice.high <= own.high
    assert voice.high - voice.low >= 12


@pytest.mark.parametrize(("knob", "table"), [("energy", ENERGY), ("complexity", COMPLEXITY), ("catchy", CATCHY)])
def test_every_rule_of_a_knob_moves_one_way(knob, table):
    style = load("rock")
    for rule, (low, high) in table.items():
        values = [steered(style, Steering(**{knob: at})).rules[rule] for at in range(0, 101, 5)]
        assert values == sorted(values, reverse=low > high), rule


def test_energy_bends_every_section_its_way_and_keeps_their_order():
    style = load("rock")
    for at in (0, 25, 75, 100):
        levels = steered(style, Steering(energy=at)).energy
        assert all((levels[kind] - own) * (at - 50) >= 0 for kind, own in style.energy.items())
        assert levels["chorus"] > levels["verse"]


def test_a_dark_mood_prefers_darker_modes_and_a_lower_voice():
    style = load("rock")
    bright, dark = (steered(style, Steering(mood=at)) for at in (0, 100))
    assert bright.modes["minor"] * dark.modes["major"] < bright.modes["major"] * dark.modes["minor"]
    assert dark.parts["melody"].high < style.parts["melody"].high < bright.parts["melody"].low + 24


def test_a_dark_mood_weighs_minor_chords_more():
    weights = steered(load("rock"), Steering(mood=100)).grammar_weights
    assert weights["harmony.iv"] > weights["harmony.vi"] > weights.get("harmony.IV", 100)


def test_catchy_songs_repeat_their_lines():
    weights = steered(load("rock"), Steering(catchy=100)).grammar_weights
    assert weights["phrases.aa"] > weights["phrases.aa-vary"] > 100 > weights["phrases.ab"]


def test_what_a_song_asks_for_goes_before_what_its_style_asks_for():
    style = replace(load("rock"), steering=Steering(energy=100, mood=0, temperature=(("bass", 50), ("lead", 80))))
    found = steered(style, Steering(energy=0, temperature=(("bass", 200),))).steering
    assert found == Steering(energy=0, mood=0, temperature=(("bass", 200), ("lead", 80)))
