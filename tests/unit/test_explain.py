"""Explanations: the chances are those the sampler used, the notes are the song's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine import api, bench, pipeline
from engine.bench.remake import plan_for
from engine.chain.sampler import Drawn, Sampler, Step
from engine.chain.watch import About, Stage, Stages, watching
from engine.document import Document, cells
from engine.errors import UsageError
from engine.explain.decision import decided, waited
from engine.explain.explain import explain
from engine.explain.trace import traced
from engine.explain.words import facts, table
from engine.pipeline import compose
from engine.request import make_request
from engine.stream import Stream
from engine.style import load
from engine.theory.meter import SLOT

BAND = ("lead", "bass", "drums")
AFTER = np.array([[0, 1], [0, 1]])


@pytest.fixture(scope="module")
def song() -> Document:
    return bench.document(compose(make_request(seed=3, form="I V C V C B C")))


def coin(steps: int = 2) -> Sampler:
    """Two states, the last event; heads after heads is three times as likely as tails."""
    sampler = Sampler([Step(np.array([[1, 1], [1, 3]]), AFTER)] * steps)
    sampler.about = About(
        "onset", tuple(range(steps)), ((0, 1),) * steps, (Stage("model", [np.array([[1, 1], [1, 3]])] * steps),)
    )
    return sampler


def test_nobody_watching_nothing_is_taken_down():
    told = Stages()
    told.add("model", np.ones((1, 1, 2), dtype=np.int64))
    assert not told
    assert told.found == []


def test_a_watcher_is_told_of_every_draw():
    seen: list[object] = []
    sampler = coin()
    with watching(seen.append):
        one = sampler.draw(Stream.of(1))
        many = sampler.draw_many([Stream.of(1), Stream.of(2)])
    sampler.draw(Stream.of(3))
    assert [draw.lines for draw in seen if isinstance(draw, Drawn)] == [[one], many]
    assert many[0] == one


def test_what_must_follow_changes_a_chance():
    # Of the four lines 0-0, 0-1 weigh 1 and 1, 1-0 and 1-1 weigh 1 and 3: heads comes first in 4 of 6.
    first = decided(coin(), coin().about, [1, 1], 0)
    assert first.chosen.model == pytest.approx(1 / 2)
    assert first.chosen.chance == pytest.approx(4 / 6)
    assert first.rules == ("what follows",)
    assert first.chosen.rules == pytest.approx((4 / 3,))


def test_a_wait_is_as_likely_as_its_slots_together():
    # The next onset at step 0: 1/2 by the model; at step 1: 1/2 of the rest; never: the last of the line.
    found = waited(coin(), coin().about, [0, 1], 1, 10)
    assert {option.value: option.model for option in found.options} == pytest.approx({10: 1 / 2, 11: 1 / 4, 12: 1 / 4})
    assert {option.value: option.chance for option in found.options} == pytest.approx({10: 4 / 6, 11: 1 / 6, 12: 1 / 6})
    assert found.value == 11


@pytest.mark.parametrize("place", ["verse/1/melody", "chorus/1/melody", "chorus/2/melody", "verse/2/melody"])
def test_every_note_of_the_voice_is_explained_by_the_draw_that_made_it(song, place):
    told = explain(song, place)
    assert [row.note for row in told.rows] == list(cells(song.song)[told.section, "melody"])
    assert all(row.pitch is not None and row.pitch.value == row.note.pitch for row in told.rows)
    placed = [row for row in told.rows if row.place is not None]
    assert len(placed) > len(told.rows) / 3
    assert all(row.place.value == row.slot for row in placed)


def test_chances_sum_to_one_and_are_the_models_times_what_rules_did(song):
    for row in explain(song, "chorus/melody").rows:
        for decision in filter(None, (row.place, row.pitch)):
            assert sum(option.chance for option in decision.options) == pytest.approx(1)
            assert sum(option.model for option in decision.options) == pytest.approx(1)
            own = decision.chosen
            assert own.chance == pytest.approx(own.model * np.prod(own.rules), rel=0.01)


def test_chances_are_those_the_sampler_used(song):
    plan = replace(plan_for(song.song, {}, "melody", {}, song.song.sections), _memo={})
    section = next(section for section in song.song.sections if section.kind == "verse")
    trace = traced(lambda: pipeline.play_section(plan, section, "melody"))
    tunes = [line for line in trace.lines if line.about.what == "pitch"]
    assert tunes
    for line in tunes:
        told = [decided(line.sampler, line.about, line.events, at).chosen.chance for at in range(len(line.events))]
        assert told == pytest.approx([part / whole for part, whole in line.sampler.chances(line.events)])


@pytest.mark.parametrize("seed", [5, 6])
def test_watching_changes_no_note(seed):
    request = make_request(seed=seed)
    with watching(lambda what: None):
        watched = compose(request)
    assert watched.parts == compose(request).parts


@pytest.mark.parametrize("section", ["verse/1", "verse/2", "chorus/3", "bridge/1", "intro/1"])
@pytest.mark.parametrize("part", BAND)
def test_every_note_of_the_band_is_explained_by_the_draw_that_made_it(song, part, section):
    told = explain(song, f"{section}/{part}")
    assert [row.note for row in told.rows] == list(cells(song.song)[section, part])
    assert all(row.how in ("drawn", "copied", "planned") for row in told.rows)
    for row in told.rows:
        for decision in filter(None, (row.place, row.pitch)):
            assert sum(option.chance for option in decision.options) == pytest.approx(1)
            assert sum(option.model for option in decision.options) == pytest.approx(1)
            own = decision.chosen
            assert own.chance == pytest.approx(own.model * np.prod(own.rules), rel=0.02)


def test_a_style_with_a_scale_of_its_own_is_played_again_in_it():
    song = bench.document(compose(make_request(seed=1, style="chinese-pentatonic")))
    assert {row.how for row in explain(song, "chorus/melody").rows} <= {"hook", "drawn", "varied", "copied"}
    again = bench.reroll(song, "chorus/melody").song
    scale = {(again.key.tonic + step) % 12 for step in load("chinese-pentatonic").scales[again.key.mode]}
    for section in again.sections:
        if section.kind == "chorus":
            chords = {tone for span in section.chords for tone in span.chord.pitch_classes}
            assert {note.pitch % 12 for note in cells(again)[section.name, "melody"]} <= scale | chords


def test_a_stroke_of_the_guitar_stands_for_all_its_notes(song):
    notes = cells(song.song)["verse/1", "rhythm"]
    rows = explain(song, "verse/rhythm").rows
    assert [row.slot for row in rows] == list(dict.fromkeys(note.start // SLOT for note in notes))
    assert all(row.place.value[row.slot % 4] == "x" for row in rows)
    assert rows[0].pitch.what == "shape"


def test_voices_that_are_led_together_are_explained_together():
    song = bench.document(compose(make_request(seed=1, style="chorale")))
    for part, voice in (("lead", 0), ("rhythm", 1), ("bass", 2)):
        rows = explain(song, f"{song.song.sections[0].name}/{part}").rows
        assert {row.how for row in rows} <= {"drawn", "planned"}
        assert all(row.pitch.value[voice] == row.note.pitch for row in rows if row.pitch)


def test_a_solo_is_explained_by_pitch_and_by_beat():
    song = bench.document(compose(make_request(seed=3, form="I V C V C S C")))
    for row in explain(song, "solo/lead").rows:
        assert row.pitch.value == row.note.pitch
        assert row.place.value[row.slot % 4] == "x"


def test_the_bass_is_explained_by_pitch_and_by_beat(song):
    for row in explain(song, "verse/bass").rows:
        assert row.pitch.value == row.note.pitch
        assert row.place.value[row.slot % 4] == "x"


def test_lines_that_come_again_say_what_they_come_from(song):
    rows = explain(song, "chorus/3/melody").rows
    assert {row.how for row in rows} == {"copied", "varied"}
    assert rows[0].source == "line 1 (a), copied: line 1 of chorus/1, the hook"


def test_a_given_chord_says_so():
    given = bench.document(compose(make_request(seed=3, form="I V C V C", chords={"verse": "Em C G D"})))
    told = explain(given, "verse/melody")
    assert {row.under.origin.how for row in told.rows} == {"given"}
    assert "given by the user" in table(given.song, told)


def test_an_edited_chord_says_so(song):
    edited = bench.set_chords(song, "verse", "Em C G D")
    told = explain(edited, "verse/melody")
    assert {row.under.origin.how for row in told.rows} == {"given"}
    assert all(row.how != "kept" for row in told.rows)


def test_a_locked_part_says_so(song):
    told = explain(bench.lock(song, "chorus/melody"), "chorus/melody")
    assert told.locked
    assert "locked" in table(song.song, told)


def test_a_locked_melody_over_new_chords_was_kept(song):
    edited = bench.set_chords(bench.lock(song, "verse/melody"), "verse", "Em C G D")
    told = explain(edited, "verse/melody")
    assert [row.note for row in told.rows] == list(cells(song.song)["verse/1", "melody"])
    assert "kept" in {row.how for row in told.rows}


def test_another_take_is_explained(song):
    again = bench.reroll(song, "chorus/melody")
    told = explain(again, "chorus/melody")
    assert all(row.pitch is not None and row.pitch.value == row.note.pitch for row in told.rows)


def test_a_variation_is_explained_by_the_edit_that_made_it(song):
    varied = bench.vary(song, "verse/melody", 0.6, "contour")
    rows = [row for row in explain(varied, "verse/melody").rows if "by the edit: vary verse/melody=0.6" in row.source]
    assert len(rows) > 10
    assert all(row.pitch.value == row.note.pitch for row in rows)


def test_bars_count_from_the_section(song):
    rows = explain(song, "chorus/melody", (2, 3)).rows
    assert rows
    assert {row.slot // 16 for row in rows} <= {1, 2}


def test_data_for_programs_say_what_the_rest_has(song):
    told = explain(song, "chorus/melody", (1, 2))
    for note in facts(song.song, told)["notes"]:
        shown = sum(option["chance"] for option in note["pitch"]["options"])
        assert shown + note["pitch"]["others"]["chance"] == pytest.approx(1)
        assert note["slots"] * SLOT == int(note["slots"] * SLOT)
        assert note["pitch"]["views"]


def test_what_python_offers_is_the_same(song, tmp_path):
    bench.save(bench.lock(song, "chorus"), tmp_path / "x.song.json")
    told = api.explain(str(tmp_path / "x.song.json"), "chorus/melody", (1, 2))
    assert told.locked
    assert told.rows == explain(song, "chorus/melody", (1, 2)).rows
    assert api.explain(song.song, "chorus/melody", (1, 2)) == explain(song, "chorus/melody", (1, 2))
    assert [tree.material for tree in api.derivation(song.song)][:2] == ["", song.song.sections[0].material]
    assert api.novelty(song.song).notes <= api.novelty(song.song).limit


@pytest.mark.parametrize(
    ("place", "bars", "why"),
    [
        ("chorus", None, "no part is named"),
        ("chorus/chords", None, "chords are no part"),
        ("chorus/phrases", None, "phrases is no part"),
        ("refrain/melody", None, "no place of this song"),
        ("intro/melody", None, "nobody plays there"),
        ("chorus/melody", (9, 2), "expected the first bar"),
        ("chorus/melody", (900, 901), "chorus/1 has"),
    ],
)
def test_what_cannot_be_explained_is_refused(song, place, bars, why):
    with pytest.raises(UsageError, match=why):
        explain(song, place, bars)
