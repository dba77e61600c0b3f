"""What helps in writing a style: template, schema, comparison, rules of grammar in the file, data in place of code."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import StyleError
from engine.models.genres import GENRES, drummers
from engine.pipeline import compose
from engine.request import make_request
from engine.style import names
from engine.style.compare import differences
from engine.style.load import load_file, resolved
from engine.style.schema import schema
from engine.style.template import template
from engine.theory.chord import Chord
from engine.theory.fretboard import power_shapes, shapes
from engine.theory.gm import KIT
from engine.theory.key import Key

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "docs" / "examples").glob("*.yaml"))
DROP_D = (38, 45, 50, 55, 59, 64)


def style_of(folder, text):
    path = folder / "mine.yaml"
    path.write_text(f"extends: rock\nabout: mine\n{text}", encoding="utf-8")
    return load_file(path)


def song_in(folder, text, seed=1):
    return compose(make_request(seed=seed), style_of(folder, text))


@pytest.mark.parametrize("parent", names())
def test_the_template_is_a_good_style_over_any_parent(tmp_path, parent):
    path = tmp_path / "dusk.yaml"
    path.write_text(template("dusk", parent), encoding="utf-8")
    assert load_file(path).tempo == (70, 84, 104)


def test_the_template_with_all_its_remarks_taken_away_is_good_too(tmp_path):
    lines = template("dusk", "rock").splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("# bars"))
    text = [*lines[:first], *(line.removeprefix("# ") for line in lines[first:] if not line.startswith("# Chords"))]
    path = tmp_path / "dusk.yaml"
    path.write_text("\n".join(text), encoding="utf-8")
    song = compose(make_request(seed=3), load_file(path))
    verse = next(section for section in song.sections if section.kind == "verse")
    assert next(span.numeral[:2] for span in verse.chords) == "i"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_of_the_documents_composes(path):
    style = load_file(path)
    for seed in range(3):
        song = compose(make_request(seed=seed), style)
        assert song.meter == style.meter
        assert style.seconds[0] - 10 <= song.seconds <= style.seconds[1] + 10


def test_the_schema_knows_every_key_rule_and_instrument():
    made = json.loads(json.dumps(schema()))
    assert set(made["properties"]) >= {"tempo", "bars", "scales", "drummers", "grammars", "feel"}
    assert "bass.root" in made["properties"]["rules"]["anyOf"][0]["properties"]
    assert "Koto" in json.dumps(made["properties"]["parts"])


def holds(value, kind):
    """Return whether a plain value is what a (sub)schema of ours takes; for the words we use."""
    if "anyOf" in kind:
        return any(holds(value, option) for option in kind["anyOf"])
    if "enum" in kind:
        return value in kind["enum"]
    if kind.get("type") == "object":
        known = kind.get("properties", {})
        rest = kind.get("additionalProperties", True)
        return isinstance(value, dict) and all(
            holds(item, known[str(key)]) if str(key) in known else bool(rest) for key, item in value.items()
        )
    if kind.get("type") == "array":
        return isinstance(value, list) and all(holds(item, kind["items"]) for item in value)
    if kind.get("type") == "integer":
        return isinstance(value, int) and kind["minimum"] <= value <= kind["maximum"]
    return value is None if kind.get("type") == "null" else isinstance(value, str)


@pytest.mark.parametrize("name", names())
def test_a_packaged_style_is_what_the_schema_takes(name):
    whole = schema()["properties"]
    for key, value in resolved(name).items():
        assert holds(value, whole[key]), key


def test_differences_name_the_keys():
    found = {item.key: (item.first, item.second) for item in differences(resolved("rock"), resolved("punk"))}
    assert found["tempo"] == ([75, 108, 172], [150, 172, 206])
    assert "keys.C" not in found


@given(st.sampled_from(names()))
def test_a_style_does_not_differ_from_itself(name):
    assert not differences(resolved(name), resolved(name))


def test_weights_replace_those_of_the_parent(tmp_path):
    style = style_of(tmp_path, "modes: {minor: 3}\nbars: {verse: {12: 1}}\n")
    assert dict(style.modes) == {"minor": 3}
    assert style.bars["verse"] == {12: 1}


def test_own_rules_of_grammar_are_derived(tmp_path):
    text = """\
modes: {major: 1}
bars: {verse: {8: 1}}
rules: {harmony.power: 0, harmony.colour: 0}
grammars:
  rules:
    harmony: |
      Verse:8 -> let A = Four:4 in A A
      Verse:1..7,9..64 -> One
      Four -> I:1 iii:1 IV:1 V:1
"""
    song = song_in(tmp_path, text)
    verse = next(section for section in song.sections if section.kind == "verse")
    assert [span.numeral for span in verse.chords] == ["I", "iii", "IV", "V"] * 2


def test_a_fault_in_own_rules_is_told_with_line_and_caret(tmp_path):
    with pytest.raises(StyleError, match=r'mine\.yaml:6: unknown symbol "Vrse"') as caught:
        style_of(tmp_path, "grammars:\n  rules:\n    harmony: |\n      Verse -> Vrse:n\n")
    assert "^^^^" in str(caught.value)


def test_all_faults_are_told_at_once(tmp_path):
    text = "tempo: [9, 8, 7]\ngrammars:\n  weights: {harmony.axiss: 3}\n"
    with pytest.raises(StyleError, match=r"tempo") as caught:
        style_of(tmp_path, text)
    assert 'did you mean "harmony.axis"' in str(caught.value)


def test_a_style_that_builds_on_none_is_told_how(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("about: mine\n", encoding="utf-8")
    with pytest.raises(StyleError, match=r'extends: is missing: .* "extends: rock"') as caught:
        load_file(path)
    assert "\n" not in str(caught.value)


def test_of_many_names_a_few_are_told(tmp_path):
    with pytest.raises(StyleError, match=r"\(128 in all\)") as caught:
        style_of(tmp_path, "parts: {bass: {instrument: '33'}}\n")
    assert len(str(caught.value)) < 300


def test_a_scale_of_the_styles_own_is_kept(tmp_path):
    text = "modes: {major: 1}\nscales: {major: [0, 2, 4, 7, 9]}\n"
    song = song_in(tmp_path, text)
    degrees = Counter((note.pitch - song.key.tonic) % 12 for note in song.part("melody").notes)
    assert set(degrees) <= {0, 2, 4, 7, 9}
    assert song.key == Key(song.key.tonic, "major")


@pytest.mark.parametrize("scale", ["[2, 4, 7]", "[0, 4]", "[0, 4, 4, 7]", "[0, 2, 4, 12]", "3"])
def test_a_scale_that_is_none_is_refused(tmp_path, scale):
    with pytest.raises(StyleError, match=r"scales\.major"):
        style_of(tmp_path, f"scales: {{major: {scale}}}\n")


def test_lengths_of_the_styles_own_are_kept(tmp_path):
    song = song_in(tmp_path, "bars: {verse: {12: 1}, chorus: {10: 1}}\n")
    assert {section.bars for section in song.sections if section.kind == "verse"} == {12}
    assert {section.bars for section in song.sections if section.kind == "chorus"} == {10}


def backbeats(song):
    snares = [note.start % song.meter.bar // 120 for note in song.part("drums").notes if note.pitch == KIT["snare"]]
    return Counter(snares)


def test_half_time_puts_the_backbeat_on_three(tmp_path):
    found = backbeats(song_in(tmp_path, "feel: {time: half}\n"))
    assert found[8] > 3 * max(found[4], 1)


def test_double_time_puts_it_on_off_beat_eighths(tmp_path):
    found = backbeats(song_in(tmp_path, "feel: {time: double}\n"))
    assert min(found[slot] for slot in (2, 6, 10, 14)) > max(found[4], found[12])


def test_drummers_of_a_genre_are_those_that_were_asked_for():
    assert drummers("rock", {"funk": 1})
    assert drummers("rock", {"funk": 1}) != drummers("rock", {"punk": 1})
    assert all(drummers("rock", {genre: 1}) is not None for genre in GENRES)


def test_drop_d_lowers_the_power_chord_on_d():
    assert power_shapes(Chord(2, "5", 2), 38, 76, DROP_D)[0].pitches == (38, 45, 50)
    assert power_shapes(Chord(2, "5", 2), 40, 76)[0].pitches == (50, 57, 62)


def test_a_guitar_tuned_down_alike_sounds_lower():
    down = tuple(string - 2 for string in (40, 45, 50, 55, 59, 64))
    low = shapes(Chord(5, "maj", 5), 36, 76, down)
    usual = shapes(Chord(7, "min", 7), 36, 76)
    assert min(shape.pitches[0] for shape in low) <= 43
    assert usual


def test_strings_are_six_and_rising(tmp_path):
    with pytest.raises(StyleError, match=r"parts\.rhythm\.tuning"):
        style_of(tmp_path, "parts: {rhythm: {tuning: [E2, A2]}}\n")
