"""The form of a song: asked for or derived, its lengths under the length of the whole, its curve."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import lru_cache
from statistics import median

import pytest

from engine import style as styles
from engine.errors import UsageError
from engine.grammar import load_grammar
from engine.grammar.inside import Inside
from engine.grammar.parse import parse, tokens, untimed
from engine.plan.form import AS_REQUESTED, Form, plan_form
from engine.song import Request, Section
from engine.style import Style

HOPED = ("verse", "chorus", "verse", "chorus", "bridge", "chorus", "bridge", "chorus")
SEEDS = range(120)


def rock() -> Style:
    return styles.load("rock")


@lru_cache(maxsize=1)
def some() -> tuple[tuple[int, Form], ...]:
    return tuple((80 + seed % 90, plan_form(rock(), Request(seed=seed), 80 + seed % 90)) for seed in SEEDS)


def seconds(sections: tuple[Section, ...], tempo: int) -> float:
    return sum(s.bars for s in sections) * 240 / tempo


def kinds(form: Form) -> tuple[str, ...]:
    return tuple(section.kind for section in form.sections)


def test_the_same_seed_gives_the_same_form() -> None:
    assert plan_form(rock(), Request(seed=5), 120) == plan_form(rock(), Request(seed=5), 120)


def test_every_song_lies_within_the_seconds_of_its_style() -> None:
    low, high = rock().seconds
    assert all(low <= seconds(form.sections, tempo) <= high for tempo, form in some())


def test_fast_and_short_songs_lie_within_their_seconds_too() -> None:
    style = styles.load("punk")
    for seed in SEEDS:
        tempo = 160 + seed % 41
        assert style.seconds[0] <= seconds(plan_form(style, Request(seed=seed), tempo).sections, tempo)


def test_every_song_has_an_intro_first_and_two_choruses() -> None:
    assert all(kinds(form)[0] == "intro" and kinds(form).count("chorus") >= 2 for _, form in some())


def test_every_song_ends_with_an_outro_or_a_chorus_that_ends_it() -> None:
    for _, form in some():
        assert form.sections[-1].kind in ("outro", "chorus", "verse")
        assert form.sections[-1].change in ("end", "lift")
        assert "end" not in [section.change for section in form.sections[:-1]]


def test_last_of_several_choruses_may_go_up_and_the_song_stays_there() -> None:
    style = replace(rock(), rules={**rock().rules, "form.up": 100})
    for seed in range(20):
        sections = plan_form(style, Request(seed=seed), 120).sections
        choruses = [section for section in sections if section.kind == "chorus"]
        if len(choruses) > 2:
            assert choruses[-1].shift in (1, 2)
            assert {s.shift for s in sections if s.start_bar >= choruses[-1].start_bar} == {choruses[-1].shift}
            assert not any(s.shift for s in sections if s.start_bar < choruses[-1].start_bar)


def test_chords_that_were_asked_for_are_not_moved() -> None:
    style = replace(rock(), rules={**rock().rules, "form.up": 100})
    sections = plan_form(style, Request(seed=2, chords=(("verse", "Em C"),)), 120).sections
    assert not any(section.shift for section in sections)


def test_sections_follow_one_another() -> None:
    for _, form in some():
        ends = [section.start_bar + section.bars for section in form.sections]
        assert [section.start_bar for section in form.sections] == [0, *ends[:-1]]


def test_sections_of_one_material_are_equally_long() -> None:
    for _, form in some():
        assert len({(s.material, s.bars) for s in form.sections}) == len({s.material for s in form.sections})


def test_sections_are_named_by_kind_and_number() -> None:
    for _, form in some():
        seen: Counter[str] = Counter()
        for section in form.sections:
            seen[section.kind] += 1
            assert section.name == f"{section.kind}/{seen[section.kind]}"


def test_the_tree_has_the_sections_as_leaves() -> None:
    for _, form in some():
        leaves = [(leaf.symbol, leaf.start // 48, leaf.length // 48) for leaf, _ in form.tree.leaves()]
        assert leaves == [(s.kind, s.start_bar, s.bars) for s in form.sections]


def test_forms_vary_as_songs_do() -> None:
    # RS200 and Billboard: 7, 9 and 11 sections, 80, 98 and 126 bars (quartiles).
    forms = [form for _, form in some()]
    assert 8 <= median(len(form.sections) for form in forms) <= 11
    assert 80 <= median(sum(s.bars for s in form.sections) for form in forms) <= 110
    assert len({kinds(form) for form in forms}) > 60


def test_the_form_hoped_for_can_be_asked_for_and_is_derived() -> None:
    form = plan_form(rock(), Request(seed=1, form=HOPED), 120)
    assert kinds(form) == HOPED
    assert form.tree.label != AS_REQUESTED
    assert {leaf.share for leaf, _ in form.tree.leaves()} == {"V", "C", "B"}


def test_the_form_hoped_for_comes_by_itself() -> None:
    grammar = load_grammar("rock-form")
    written = grammar.reweigh({label: 0 for label in grammar.labels if label.startswith(("odd-", "loose-"))})
    assert parse(Inside(untimed(written)), "Song", tokens(("intro", *HOPED))) is not None


def test_a_form_nobody_makes_is_made_all_the_same() -> None:
    asked = ("outro", "verse", "solo", "intro", "chorus", "outro")
    form = plan_form(rock(), Request(seed=1, form=asked), 120)
    assert kinds(form) == asked
    assert form.tree.label == AS_REQUESTED


def test_an_unknown_kind_is_named_with_its_place() -> None:
    with pytest.raises(UsageError, match=r'"chrous" \(section 2\)') as caught:
        plan_form(rock(), Request(seed=1, form=("verse", "chrous")), 120)
    assert caught.value.hint == 'did you mean "chorus"?'


def test_an_absurdly_long_form_is_refused() -> None:
    with pytest.raises(UsageError, match="at most"):
        plan_form(rock(), Request(seed=1, form=("verse",) * 500), 120)


@pytest.mark.parametrize("wanted", [120, 150, 180, 240, 300])
def test_a_length_asked_for_is_met_within_seconds(wanted: int) -> None:
    for seed in range(12):
        form = plan_form(rock(), Request(seed=seed, length=wanted), 110)
        assert abs(seconds(form.sections, form.tempo) - wanted) <= 5


def test_a_length_gives_way_to_a_tempo_asked_for() -> None:
    for seed in range(12):
        form = plan_form(rock(), Request(seed=seed, length=180, tempo=97), 97)
        assert form.tempo == 97
        assert abs(seconds(form.sections, 97) - 180) <= 8


def test_a_form_too_short_for_its_length_is_refused_with_what_it_can_last() -> None:
    with pytest.raises(UsageError, match="a form of 1 sections lasts 0:08 to 0:48 at tempo 120, not 10:00"):
        plan_form(rock(), Request(seed=1, form=("verse",), length=600), 120)


def test_another_metre_counts_its_own_bars() -> None:
    waltz = replace(rock(), meter=styles.load("rock").meter.__class__(3, 4))
    form = plan_form(waltz, Request(seed=1, length=180, tempo=120), 120)
    assert abs(sum(s.bars for s in form.sections) * 180 / 120 - 180) <= 8


def test_the_last_chorus_has_the_most_energy() -> None:
    for _, form in some():
        choruses = [section.energy for section in form.sections if section.kind == "chorus"]
        assert choruses[-1] == max(choruses)


def test_energies_are_whole_numbers_from_one_to_five() -> None:
    assert {section.energy for _, form in some() for section in form.sections} <= {1, 2, 3, 4, 5}


def test_nobody_sings_in_a_bridge_unless_asked() -> None:
    for bridge_melody in (False, True):
        form = plan_form(rock(), Request(seed=1, form=HOPED, bridge_melody=bridge_melody), 120)
        assert all(("melody" in s.players) == bridge_melody for s in form.sections if s.kind == "bridge")


def test_somebody_plays_in_every_section() -> None:
    silent = replace(rock(), players={kind: dict.fromkeys(("bass", "drums"), 5) for kind in rock().players})
    for seed in range(20):
        assert all(s.players for s in plan_form(silent, Request(seed=seed), 120).sections)


def test_a_style_may_weigh_rules() -> None:
    def share(percent: int) -> int:
        weighed = replace(rock(), grammar_weights={"form.prechorus-song": percent})
        return sum("prechorus" in kinds(plan_form(weighed, Request(seed=seed), 120)) for seed in range(60))

    assert share(0) == 0
    assert share(800) > share(100)


def test_an_interlude_may_bring_back_the_intro() -> None:
    found = {s.material for _, form in some() for s in form.sections if s.kind == "interlude"}
    assert {"intro", "interlude"} <= found


def test_form_survives_extremes_of_tempo() -> None:
    for tempo in (40, 300):
        for seed in range(20):
            form = plan_form(rock(), Request(seed=seed, tempo=tempo), tempo)
            assert rock().seconds[0] <= seconds(form.sections, tempo) <= rock().seconds[1]
