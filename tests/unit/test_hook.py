"""Hooks: what is measured of a phrase, and that the best is sung."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import engine.style
from engine.models import novelty, tables
from engine.models.hook import (
    CONTOUR,
    LONGEST,
    NAMES,
    ONE,
    RHYTHM,
    SLOPES,
    TOO_SHORT,
    WIDEST,
    Costs,
    Ranking,
    contour,
    features,
    mean_slope,
    turning_points,
)
from engine.models.tables import Table
from engine.parts import melody
from engine.parts.melody import singer
from engine.plan.plan import Plan
from engine.song import ChordSpan, Phrase, Section
from engine.theory.chord import parse_numeral
from engine.theory.key import Key
from engine.theory.meter import Meter

EVEN = Costs(
    np.full((LONGEST + 1, LONGEST + 1), 7),
    np.full((2 * WIDEST + 1, 2 * WIDEST + 1), 9),
    np.full(3 ** (CONTOUR - 1), 3),
    np.arange(SLOPES),
)
ONSETS = [0, 4, 6, 7, 16, 20, 22, 23]
PITCHES = [64, 67, 69, 67, 64, 67, 71, 60]


def found(name: str, onsets: list[int] = ONSETS, pitches: list[int] = PITCHES) -> Fraction:
    """A feature by name; the tonic is C, the voice's middle 64."""
    return Fraction(features(onsets, pitches, 16, 60, 64, EVEN)[NAMES.index(name)], ONE)


def within(value: Fraction, expected: Fraction | float) -> bool:
    return 0 <= Fraction(expected) - value < Fraction(1, ONE) or value == Fraction(expected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("notes", 8),
        ("length", 23),
        ("density", Fraction(16 * 7, 23)),
        ("wait_mean", Fraction(23, 7)),
        ("wait_longest", 8),
        ("wait_kinds", Fraction(4, 7)),
        ("wait_equal", 0),
        ("short", Fraction(2, 7)),
        ("syncopated", Fraction(1, 7)),  # 7 is held over the second half of the bar and the next bar line
        ("on_beat", Fraction(4, 8)),
        ("on_downbeat", Fraction(2, 8)),
        ("start_slot", 0),
        ("pick_up", 0),
        ("starts_on_one", 1),
        ("end_slot", 7),
        ("ends_on_beat", 0),
        ("rhythm_again", Fraction(2, 6)),
        ("bar_again", 1),
        ("rhythm_cost", Fraction(7, ONE)),
    ],
)
def test_features_of_the_rhythm(name: str, expected: Fraction) -> None:
    assert within(found(name), expected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mean_height", Fraction(17, 8)),
        ("top_height", 7),
        ("low_height", -4),
        ("start_height", 0),
        ("end_height", -4),
        ("range", 11),
        ("step_mean", Fraction(3 + 2 + 2 + 3 + 3 + 4 + 11, 7)),
        ("repeated", 0),
        ("steps", Fraction(2, 7)),
        ("leaps", Fraction(1, 7)),
        ("rise", -4),
        ("peak_place", Fraction(22, 23)),
        ("turns", Fraction(3, 6)),
        ("tonic", Fraction(1, 8)),
        ("pentatonic", Fraction(7, 8)),
        ("kinds", Fraction(5, 8)),
        ("ends_on_tonic", 1),
        ("ends_on_third", 0),
        ("ends_on_fifth", 0),
        ("motif_again", 0),
        ("shape_again", Fraction(1, 5)),
        ("step_cost", Fraction(9, ONE)),
    ],
)
def test_features_of_the_pitches(name: str, expected: Fraction) -> None:
    assert within(found(name), expected)


def test_a_line_turns_where_its_direction_changes() -> None:
    assert turning_points([60, 62, 62, 64, 63, 63, 65, 66]) == [0, 3, 5, 7]


def test_the_slope_is_the_mean_of_what_lies_between_turning_points() -> None:
    # Four semitones in two beats up, then two in one beat down: two a beat both.
    assert mean_slope([0, 4, 8, 12], [60, 62, 64, 62]) == 2 * ONE


def test_an_arch_goes_up_and_comes_down() -> None:
    # Heights of the five fifths: 60, 62, 65, 62, 60.
    assert contour([0, 4, 8, 12, 16], [60, 62, 65, 62, 60]) == 2 * 27 + 2 * 9 + 0 * 3 + 0


def test_a_phrase_of_two_notes_cannot_be_judged() -> None:
    assert ranking().score([0, 4], [60, 62], 16, 60, 62) == (TOO_SHORT,) * 4


def test_more_of_a_good_thing_counts_only_as_far_as_real_phrases_go() -> None:
    def score(shift: int) -> int:
        return ranking().score(ONSETS, [pitch + shift for pitch in PITCHES], 16, 60 + shift, 60).total

    assert score(0) < score(24) == score(36)


def ranking() -> Ranking:
    return Ranking(tables.load("rock", "hook"))


def test_the_rhythm_alone_orders_phrases_of_equal_pitches_as_the_whole_score_does() -> None:
    rhythms = ([0, 4, 8, 12, 16, 20, 24], [0, 3, 6, 8, 16, 19, 24], [0, 1, 2, 3, 5, 23, 24])
    flat = [64] * 7  # without turning points the pitches are judged alike, whenever they sound
    wholes = [ranking().score(onsets, flat, 16, 60, 64).total for onsets in rhythms]
    alone = [ranking().rhythm(onsets, 16) for onsets in rhythms]
    assert all(abs((whole - wholes[0]) - (one - alone[0])) <= 1 for whole, one in zip(wholes, alone, strict=True))


def test_the_packaged_weights_have_a_column_for_every_feature() -> None:
    table = tables.load("rock", "hook")
    assert table.header["features"] == list(NAMES) and table.arrays["weights"].shape == (4, len(NAMES))
    assert NAMES[: len(RHYTHM)] == RHYTHM


def test_the_fitted_views_know_more_than_length_and_height() -> None:
    assert all(full > plain for full, plain in tables.load("rock", "hook").header["auc"].values())


BAR = 1920
SEEDS = range(8)


def section(kind: str, first_bar: int, numerals: str, name: str = "1") -> Section:
    chords = tuple(ChordSpan(i * BAR, BAR, parse_numeral(n, 9), n) for i, n in enumerate(numerals.split()))
    phrases = tuple(
        Phrase(32 * k, 32, label, "", (32 * k + (-2 if k else 0), 32 * k + 22)) for k, label in enumerate("abab")
    )
    return Section(f"{kind}/{name}", kind, kind, first_bar, len(chords), 3, "", ("melody",), chords, phrases)


VERSE, CHORUS = section("verse", 0, "I IV I bVII I IV V V"), section("chorus", 8, "vi IV I V " * 2)
SECOND = section("chorus", 16, "vi IV I V " * 2, "2")


def plan(seed: int, **changes: object) -> Plan:
    facts = {"sections": (VERSE, CHORUS, SECOND), **changes}
    return Plan(engine.style.load("rock"), seed, Key(9, "major"), 126, Meter(), **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", SEEDS)
def test_candidates_are_listed_best_first(seed: int) -> None:
    totals = [line.score.total for line in melody.hooks(plan(seed), CHORUS, 12)]
    assert totals == sorted(totals, reverse=True)


def test_a_candidate_is_the_same_however_many_are_drawn() -> None:
    few, many = ({line.number: line for line in melody.hooks(plan(3), CHORUS, n)} for n in (5, 24))
    assert all(many[number] == line for number, line in few.items())


@pytest.mark.parametrize("seed", SEEDS)
def test_the_chorus_begins_with_the_best_candidate(seed: int) -> None:
    best = melody.hooks(plan(seed), CHORUS, engine.style.load("rock").rules["melody.hooks"])[0]
    sung = melody.play(plan(seed), CHORUS)[: len(best.onsets)]
    assert [(n.start // 120, n.pitch) for n in sung] == list(zip(best.onsets, best.pitches, strict=True))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_hook_of_the_plan_is_what_the_chorus_sings(seed: int) -> None:
    hook = melody.hook(plan(seed))
    assert hook is not None and hook.section == "chorus/1"
    sung = melody.play(plan(seed), CHORUS)[: len(hook.onsets)]
    assert [(n.start // 120, n.length // 120, n.pitch) for n in sung] == list(
        zip(hook.onsets, hook.lengths, hook.pitches, strict=True)
    )


def test_a_hook_of_a_number_is_sung() -> None:
    hook = melody.hook(plan(5), 11)
    assert hook is not None and hook.number == 11
    sung = melody.play(plan(5, hook=hook), CHORUS)
    assert tuple(n.pitch for n in sung[: len(hook.pitches)]) == hook.pitches


def test_the_hook_returns_in_the_next_chorus() -> None:
    made = plan(6)
    hook = melody.hook(made)
    assert hook is not None
    again = melody.play(made, SECOND)[: len(hook.pitches)]
    assert tuple(n.pitch for n in again) == hook.pitches


def test_a_take_of_one_chorus_leaves_the_other_as_it_was() -> None:
    before, after = plan(2), plan(2, takes={"chorus/1/melody": 1})
    assert melody.play(before, SECOND) == melody.play(after, SECOND)
    assert melody.play(before, CHORUS) != melody.play(after, CHORUS)


def test_a_song_that_nobody_sings_has_no_hook() -> None:
    assert melody.hook(plan(1, sections=())) is None


def whole(made: Plan) -> tuple[list[int], list[int]]:
    """Onsets in slots and MIDI numbers of all that is sung."""
    notes = [
        (n.start // 120 + 16 * where.start_bar, n.pitch)
        for where in (VERSE, CHORUS, SECOND)
        for n in melody.play(made, where)
    ]
    return [slot for slot, _ in notes], [pitch for _, pitch in notes]


@pytest.mark.parametrize("seed", SEEDS)
def test_no_melody_follows_a_known_one_too_long(seed: int) -> None:
    assert novelty.load("rock").nearest(*whole(plan(seed))).notes <= novelty.LONGEST


@pytest.mark.parametrize("seed", SEEDS)
def test_a_melody_once_known_is_not_sung_again_not_even_across_sections(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = whole(plan(seed))
    known = novelty.Novelty(Table({"titles": ["before"]}, novelty.encode([before])))
    models = singer.models("rock")._replace(novelty=known)
    monkeypatch.setattr(singer, "models", lambda name: models)
    after = whole(plan(seed))
    assert known.nearest(*before).notes == len(before[0])
    assert known.nearest(*after).notes <= novelty.LONGEST
