"""Styles: the packaged ones are good, and bad ones hear of all their faults at once."""

from __future__ import annotations

import time

import pytest

from engine.errors import StyleError, UsageError
from engine.files import data_dir
from engine.plan.setting import tempo_weights
from engine.song import KINDS
from engine.style import load, names
from engine.style.fields import PLAYERS, STYLE
from engine.style.load import load_file, resolved
from engine.style.rules import RULES


def write(folder, text, name="mine.yaml"):
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def problems(folder, text):
    with pytest.raises(StyleError) as caught:
        load(write(folder, text))
    lines = str(caught.value).splitlines()
    return [line.strip().removeprefix(f"{folder}/") for line in (lines[1:] if len(lines) > 1 else lines)]


@pytest.mark.parametrize("name", names())
def test_a_packaged_style_is_whole(name):
    style = load(name)
    assert set(style.energy) == set(style.players) == set(KINDS)
    assert set(style.parts) == set(PLAYERS)
    assert set(style.rules) == set(RULES)
    assert len(style.hash) == 64


def test_punk_extends_rock_and_is_faster_and_shorter():
    rock, punk = load("rock"), load("punk")
    assert punk.tempo[0] > rock.tempo[1]
    assert punk.seconds[1] < rock.seconds[1]
    assert punk.keys == rock.keys
    assert punk.hash != rock.hash


def test_a_style_that_only_extends_has_the_same_hash(tmp_path):
    assert load(write(tmp_path, "extends: rock\nabout: the same\n")).hash == load("rock").hash


def test_any_change_to_the_music_changes_the_hash(tmp_path):
    assert load(write(tmp_path, "extends: rock\nparts: {bass: {volume: 103}}\n")).hash != load("rock").hash


def test_tempi_may_be_weighed(tmp_path):
    style = load(write(tmp_path, "extends: rock\ntempo: [[80, 0], [84, 40], [86, 0], [120, 0], [124, 20]]"))
    assert style.tempo == (80, 84, 124)
    tempos, weights = tempo_weights(style)
    found = {tempo: weight for tempo, weight in zip(tempos, weights, strict=True) if weight}
    assert list(found) == [81, 82, 83, 84, 85, 121, 122, 123, 124]
    assert found[82] == found[85] == found[84] // 2 == found[124]


def test_three_tempi_take_the_place_of_weighed_ones(tmp_path):
    write(tmp_path, "extends: punk\ntempo: [[60, 1], [80, 2]]", "base.yaml")
    style = load(write(tmp_path, "extends: base.yaml\ntempo: [90, 95, 99]"))
    assert (style.tempo, style.tempos) == ((90, 95, 99), ())


def test_a_changed_file_is_read_again(tmp_path):
    load(write(tmp_path, "extends: rock\ntempo: [60, 70, 80]"))
    assert load(write(tmp_path, "extends: rock\ntempo: [90, 95, 99]")).tempo == (90, 95, 99)


def test_a_style_extends_a_file_beside_it(tmp_path):
    write(tmp_path, "extends: punk\ntempo: [60, 70, 80]", "base.yaml")
    assert load(write(tmp_path, "extends: base.yaml\n")).tempo == (60, 70, 80)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("parts: {bass: {instrment: x}}", 'mine.yaml:2: parts.bass.instrment: unknown key, did you mean "instrument"?'),
        ("engery: {}", 'mine.yaml:2: engery: unknown key, did you mean "energy"?'),
        ("modes: {minr: 3}", 'mine.yaml:2: modes.minr: unknown mode, did you mean "minor"?'),
        (
            "parts: {bass: {instrument: Slap Bas 1}}",
            'mine.yaml:2: parts.bass.instrument: unknown instrument "Slap Bas 1", did you mean "Slap Bass 1"?',
        ),
        ("tempo: [60, x, 80]", 'mine.yaml:2: tempo[2]: "x", expected a whole number from 30 to 300 beats per minute'),
        ("tempo: [90, 80, 100]", "mine.yaml:2: tempo: expected [lowest, commonest, highest] in rising order"),
        ("tempo: 90", 'mine.yaml:2: tempo: "90", expected a list of 3: [lowest, commonest, highest]'),
        ("tempo: [[90, 1], [80, 1]]", "mine.yaml:2: tempo: expected pairs [tempo, weight] of rising tempi"),
        ("tempo: [[90, 0], [95, 0]]", "mine.yaml:2: tempo: expected pairs [tempo, weight] of rising tempi, one weight"),
        ("tempo: [[90, 1], 100]", 'mine.yaml:2: tempo[2]: "100", expected a pair [tempo, weight]'),
        ("tempo: [[90, 1], [400, 1]]", 'mine.yaml:2: tempo[2]: "400", expected a whole number from 30 to 300'),
        ("length: [3:00, 40:00]", 'mine.yaml:2: length[2]: "40:00", expected minutes and seconds from 1:00 to 15:00'),
        ("meter: 4/5", "mine.yaml:2: meter: time signature 4/5: expected 1..16 over 2, 4, 8 or 16"),
        ("keys: {H: 1}", "mine.yaml:2: keys.H: unknown key, known: A, A#, Ab,"),
        ("keys: {A#: 1, Bb: 1}", "mine.yaml:2: keys: two of the keys are one and the same note (such as A# and Bb)"),
        ("energy: {verse: 6}", 'mine.yaml:2: energy.verse: "6", expected a whole number from 1 to 5'),
        ('energy: {verse: "3"}', 'mine.yaml:2: energy.verse: "3", expected a whole number from 1 to 5'),
        ("energy: 3", 'mine.yaml:2: energy: "3", expected values by kind of section'),
        (
            "parts: {bass: {range: [E1, E0]}}",
            "mine.yaml:2: parts.bass.range: expected [lowest, highest] in rising order",
        ),
        ("parts: {bass: {range: [E1, A1]}}", "mine.yaml:2: parts.bass.range: expected an octave or more"),
        ("parts: {bass: {range: [E1, Q9]}}", 'mine.yaml:2: parts.bass.range[2]: "Q9" is no pitch'),
        (
            "parts: {bass: {volume: 128}}",
            'mine.yaml:2: parts.bass.volume: "128", expected a whole number from 0 to 127',
        ),
        ("models: {a: 1}", "mine.yaml:2: models: a mapping, expected text"),
        ("models: folk", 'mine.yaml:2: models: unknown models "folk"'),
        ("rules: {bass.rooot: 3}", "mine.yaml:2: rules.bass.rooot: unknown rule, "),
        ("feel: {swing: 80}", 'mine.yaml:2: feel.swing: "80", expected a whole number from 50 to 75 percent'),
        (
            "grammars: {form: rock-from}",
            'mine.yaml:2: grammars.form: unknown grammar "rock-from", did you mean "rock-form"?',
        ),
        ("grammars: {form: ./none.grammar}", "mine.yaml:2: grammars.form: unknown grammar"),
        (
            "grammars: {weights: {harmony.nothing-such: 3}}",
            "mine.yaml:2: grammars.weights.harmony.nothing-such: unknown rule",
        ),
        ("tempo: ~", "mine.yaml:1: tempo: is missing: beats per minute"),
        ("energy: {verse: ~}", "mine.yaml:1: energy.verse: is missing"),
    ],
)
def test_a_fault_is_told_with_its_key_path(tmp_path, text, problem):
    found = problems(tmp_path, f"extends: rock\n{text}\n")
    assert any(line.startswith(problem) for line in found), found


def test_all_faults_are_told_at_once(tmp_path):
    text = "extends: rock\ntempo: 3\nmeter: x\nengery: 1\nparts: {bass: {pan: 999, vol: 3}}\n"
    assert len(problems(tmp_path, text)) == 5


def test_a_style_from_nothing_hears_what_it_lacks(tmp_path):
    said = dict.fromkeys(("about", "tempo", "length", "keys", "modes", "meter", "models", "sources"), "x")
    found = problems(tmp_path, "".join(f"{key}: {text}\n" for key, text in said.items()))
    lacking = [line.split(": ")[1] for line in found if "is missing" in line]
    assert lacking == [key for key, field in STYLE.items() if field.needed and key not in said]


def test_an_unknown_style_names_the_nearest():
    with pytest.raises(UsageError, match='unknown style "rok"') as caught:
        load("rok")
    assert 'did you mean "rock"?' in caught.value.hint


def test_a_missing_file_is_named():
    with pytest.raises(StyleError, match=r"cannot read the style nowhere/x\.yaml: no such file"):
        load("nowhere/x.yaml")


def test_an_unknown_parent_is_named_with_its_line(tmp_path):
    with pytest.raises(StyleError, match=r'mine\.yaml:1: extends: unknown style "rok"'):
        load(write(tmp_path, "extends: rok\n"))


def test_a_circle_is_named(tmp_path):
    write(tmp_path, "extends: mine.yaml", "other.yaml")
    with pytest.raises(StyleError, match="extends itself: mine > other > mine"):
        load(write(tmp_path, "extends: other.yaml"))


def test_a_list_is_no_style(tmp_path):
    with pytest.raises(StyleError, match="expected keys and values"):
        load(write(tmp_path, "- a\n"))


def test_what_is_shown_can_be_used(tmp_path):
    import yaml

    shown = yaml.safe_dump(resolved("punk"), sort_keys=False)
    assert load(write(tmp_path, shown)).hash == load("punk").hash


def test_loading_takes_less_than_15_milliseconds():
    path = data_dir("styles") / "punk.yaml"
    spent = []
    for _ in range(5):
        began = time.process_time()
        load_file(path)
        spent.append(time.process_time() - began)
    assert min(spent) < 0.015


def test_a_grammar_is_found_beside_the_style_that_names_it(tmp_path):
    text = (data_dir("grammars") / "rock-form.grammar").read_text(encoding="utf-8")
    (tmp_path / "own.grammar").write_text(text, encoding="utf-8")
    style = load(write(tmp_path, "extends: rock\ngrammars: {form: own.grammar}"))
    assert style.form == str(tmp_path / "own.grammar")
    # What the grammar says is part of the style.
    (tmp_path / "own.grammar").write_text(text + "% changed\n", encoding="utf-8")
    assert load(str(tmp_path / "mine.yaml")).hash != style.hash


def test_a_rule_of_a_grammar_can_be_weighed(tmp_path):
    style = load(write(tmp_path, "extends: rock\ngrammars: {weights: {form.solo: 0}}"))
    assert style.grammar_weights == {"form.solo": 0}
