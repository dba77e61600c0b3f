"""Options into requests: what is meant is found, what cannot be is refused with its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import UsageError
from engine.export.receipt import receipt, request_of
from engine.request import LETTERS, make_request, parse_form, parse_length
from engine.song import KINDS, Request, Steering
from engine.theory.key import Key


def test_a_plain_request_has_the_defaults():
    request = make_request(seed=7)
    assert (request.style, request.seed, request.key, request.tempo, request.feel) == ("rock", 7, None, None, 100)


def test_without_a_seed_one_is_drawn():
    assert len({make_request().seed for _ in range(4)}) > 1


def test_letters_stand_for_kinds():
    assert parse_form("V C V C B C B C") == (
        "verse", "chorus", "verse", "chorus", "bridge", "chorus", "bridge", "chorus",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("mood", "percent"), [("bright", 0), (0, 0), ("0.3", 30), (0.5, 50), ("Sombre", 75), ("dark", 100)]
)
def test_a_mood_is_a_number_or_a_name(mood, percent):
    assert make_request(seed=1, mood=mood).steering.mood == percent


def test_one_temperature_is_that_of_all_parts():
    assert dict(make_request(seed=1, temperature=0.5).steering.temperature) == dict.fromkeys(
        ("melody", "lead", "rhythm", "bass", "drums"), 50
    )


def test_temperatures_stand_in_the_order_of_the_parts():
    asked = make_request(seed=1, temperature={"drums": 2, "melody": "0.8"})
    assert asked.steering.temperature == (("melody", 80), ("drums", 200))


def test_every_kind_has_a_letter():
    assert sorted(LETTERS.values()) == sorted(KINDS)


@pytest.mark.parametrize("form", ["verse Chorus BRIDGE", "v-c-b", ("V", "C", "B")])
def test_a_form_can_be_written_in_several_ways(form):
    assert parse_form(form) == ("verse", "chorus", "bridge")


@pytest.mark.parametrize(("text", "seconds"), [("3:00", 180), ("2:05", 125), ("200", 200), (90, 90), ("10:00", 600)])
def test_lengths_are_seconds(text, seconds):
    assert parse_length(text) == seconds


def test_chords_are_kept_in_order_with_their_bars():
    assert make_request(seed=1, chords={"verse": "Em |  C G | D/F#"}).chords == (("verse", "Em | C G | D/F#"),)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tempo": 9999}, "tempo 9999: expected 40 to 300"),
        ({"energy": 1.1}, "energy 1.1: expected 0 to 1"),
        ({"complexity": float("nan")}, "complexity nan: expected 0 to 1"),
        ({"catchy": -0.5}, "catchy -0.5: expected 0 to 1"),
        ({"mood": "gloomy"}, r'mood "gloomy": expected 0 \(bright\) to 1 \(dark\), or a name'),
        ({"mood": 2}, "mood 2: expected 0 to 1"),
        ({"temperature": 0}, "temperature 0: expected 0.5 to 4"),
        ({"temperature": {"bass": "hot"}}, "temperature hot: expected 0.5 to 4"),
        ({"temperature": {"bas": 1}}, 'temperature of "bas": unknown part'),
        ({"tempo": 0}, "tempo 0"),
        ({"key": "H dur"}, 'key "H dur"'),
        ({"form": ""}, "form of 0 sections"),
        ({"form": "V X"}, r'form: "X" \(section 2\) is no kind of section'),
        ({"form": "V " * 33}, "form of 33 sections"),
        ({"chords": {"verse": "H7 ??"}}, r'chords for verse: "H7" \(chord 1\) is no chord'),
        ({"chords": {"verse": "Em ??"}}, r'chords for verse: "\?\?" \(chord 2\) is no chord'),
        ({"chords": {"verse": ""}}, "chords for verse: there are none"),
        ({"chords": {"vers": "Em"}}, 'chords for "vers": no kind of section'),
        ({"length": "0:10"}, 'length "0:10": expected 1:00 to 10:00'),
        ({"length": "3:75"}, 'length "3:75"'),
        ({"length": "-3"}, 'length "-3"'),
        ({"length": "1e9"}, 'length "1e9"'),
        ({"feel": 1.5}, "feel 1.5"),
        ({"feel": float("nan")}, "feel nan"),
        ({"seed": 1 << 64}, "seed 18446744073709551616"),
        ({"takes": {"chorus": 1}}, 'take "chorus": no place'),
        ({"takes": {"chorus/bas": 1}}, 'take "chorus/bas": unknown part "bas"'),
        ({"takes": {"chorus/bass": -1}}, "take -1 of chorus/bass"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(options, message):
    with pytest.raises(UsageError, match=message) as caught:
        make_request(**({"seed": 1} | options))
    assert "\n" not in str(caught.value)


@given(
    seed=st.integers(-(1 << 62), 1 << 62),
    key=st.none()
    | st.builds(lambda tonic, mode: str(Key(tonic, mode)), st.integers(0, 11), st.sampled_from(["minor", "dorian"])),
    tempo=st.none() | st.integers(40, 300),
    form=st.none() | st.lists(st.sampled_from(sorted(LETTERS)), min_size=1, max_size=9),
    length=st.none() | st.integers(60, 600),
    feel=st.sampled_from([0, 0.25, 1]),
    bridge_melody=st.booleans(),
    takes=st.dictionaries(st.sampled_from(["chorus/bass", "verse/2/drums"]), st.integers(0, 9)),
)
def test_a_receipt_gives_the_same_request(**options):
    from dataclasses import replace

    from fakes import small_song

    request = make_request(**options)
    assert request_of(receipt(small_song(request=request))) == request
    assert replace(request, seed=0) == make_request(**(options | {"seed": 0}))


def test_a_receipt_states_every_field_of_a_request():
    from dataclasses import fields, replace

    from fakes import small_song

    full = make_request(
        style="punk", seed=1, key="E minor", tempo=99, form="V C", chords={"verse": "Em"}, length=99, feel=0.5,
        bridge_melody=True, takes={"chorus/bass": 1}, hook=2, energy=0.2, complexity=0.3, catchy=1, mood="dark",
        temperature={"bass": 0.8},
    )  # fmt: skip
    full = replace(full, loop_bars=8)  # which cannot be asked for with a length
    stated = set(receipt(small_song(request=full)))
    assert {field.name for kind in (Request, Steering) for field in fields(kind)} - {"steering"} <= stated
    assert request_of(receipt(small_song(request=full))) == full
