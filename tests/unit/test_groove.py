"""The groove plan: figures that recur, fills that lead on, an ending that ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.models.drums import load_drums
from engine.plan.accents import Accents, draw_fill, mask, slots_of
from engine.plan.ending import ending_bar, ending_length
from engine.plan.figures import beats, fill_state, traits
from engine.plan.groove import BUILD, ENDING, accents, add_groove
from engine.plan.plan import Plan
from engine.song import Section
from engine.stream import Stream
from engine.style import load
from engine.theory.key import Key
from engine.theory.meter import Meter

FORM = (("intro", 4, 2), ("verse", 8, 3), ("chorus", 8, 5), ("verse", 8, 3), ("chorus", 8, 5), ("outro", 4, 4))


def plan_of(seed=1, form=FORM, meter=None, rules=None, takes=None):
    style = load("rock")
    style = replace(style, rules={**style.rules, **(rules or {})})
    sections, bar, seen = [], 0, {}
    for kind, bars, energy in form:
        seen[kind] = seen.get(kind, 0) + 1
        sections.append(Section(f"{kind}/{seen[kind]}", kind, kind, bar, bars, energy))
        bar += bars
    return Plan(style, seed, Key(4, "minor"), 120, meter or Meter(), tuple(sections), takes or {})


def grooved(**facts):
    return add_groove(plan_of(**facts))


def plain(section):
    return [(bar.kick, bar.snare) for bar in section.groove if bar.fill < 0 and bar.state < BUILD]


def test_every_bar_has_a_groove():
    plan = grooved()
    assert all(len(section.groove) == section.bars for section in plan.sections)


def test_the_same_seed_gives_the_same_groove():
    assert grooved().sections == grooved().sections


def test_sections_of_one_material_share_their_accents():
    for seed in range(20):
        plan = grooved(seed=seed)
        assert plain(plan.sections[1])[:6] == plain(plan.sections[3])[:6]


def test_a_groove_comes_again_after_four_bars_or_eight():
    for seed in range(20):
        plan = grooved(seed=seed, rules={"drums.small_fill": 0, "drums.fill": 0}, form=(("verse", 16, 3),) * 2)
        bars = plain(plan.sections[0])
        assert bars[:8] == bars[8:] and (traits(plan).vary >= 3 or bars[:4] == bars[4:8])


def test_songs_vary_as_much_as_real_ones_differ():
    sizes = set()
    for seed in range(30):
        plan = grooved(seed=seed)
        sizes.add(len({(beat.kick, beat.snare) for beat in beats(plan, plan.sections[1])}))
    assert min(sizes) == 1 and max(sizes) >= 4


def test_a_rule_against_variety_makes_songs_tighter():
    loose = [traits(plan_of(seed=seed, rules={"drums.vary": rule})).vary for rule in (0, 400) for seed in range(60)]
    assert sum(loose[:60]) < sum(loose[60:])


def test_most_songs_have_a_backbeat_and_some_do_not():
    found = []
    for seed in range(60):
        bars = beats(grooved(seed=seed), plan_of(seed=seed).sections[1])
        found.append(sum((bar.snare >> 4 & 1) + (bar.snare >> 12 & 1) for bar in bars) / 2 / len(bars))
    assert sum(share > 0.8 for share in found) > 30 and min(found) < 0.6


def test_fills_stand_at_section_ends_when_every_section_ends_in_one():
    found = []
    for seed in range(40):
        plan = grooved(seed=seed, rules={"drums.fill": 100, "drums.build": 0})
        if traits(plan).fills >= 100:
            found += [section.groove[-1].fill >= 0 for section in plan.sections[:-1]]
    assert len(found) > 10 and all(found)


def test_no_fill_without_the_rule():
    plan = grooved(rules={"drums.fill": 0, "drums.small_fill": 0, "drums.build": 0})
    assert all(bar.fill < 0 for section in plan.sections for bar in section.groove)


def test_a_loud_section_arrives_with_a_crash():
    assert all(section.groove[0].crash for section in grooved().sections if section.energy >= 4)


def test_a_build_up_leads_to_a_louder_section():
    form = (("verse", 8, 3), ("prechorus", 4, 3), ("chorus", 8, 5))
    plan = grooved(form=form, rules={"drums.build": 100})
    assert plan.sections[1].groove[-1].state == BUILD
    assert all(bar.state != BUILD for bar in plan.sections[0].groove)


def test_half_time_puts_the_snare_on_three():
    form = (("verse", 8, 3), ("bridge", 8, 3), ("chorus", 8, 5))
    for seed in range(10):
        bars = plain(grooved(seed=seed, form=form, rules={"drums.half_time": 100, "drums.room": 0}).sections[1])
        assert bars[0][1] & mask((8,)) and not bars[0][1] & mask((4, 12))


def test_a_take_of_the_groove_moves_its_material_alone():
    before, after = grooved(), grooved(takes={"chorus/groove": 3})
    assert plain(before.sections[2]) != plain(after.sections[2])
    assert before.sections[1].groove == after.sections[1].groove


def test_a_take_of_the_drums_moves_no_groove():
    assert grooved().sections == grooved(takes={"chorus/drums": 3, "verse/1/drums": 1}).sections


def test_the_last_bar_of_the_song_is_one_hit():
    plan = grooved()
    last = plan.sections[-1]
    assert ending_bar(plan, last) == last.bars - 1
    assert (last.groove[-1].state, last.groove[-1].kick, last.groove[-1].snare) == (ENDING, 1, 0)


def test_only_the_last_section_ends():
    plan = plan_of()
    assert [ending_bar(plan, section) for section in plan.sections[:-1]] == [-1] * 5
    assert ending_length(plan) == 1440


def test_accents_weigh_kick_snare_and_crash():
    plan = grooved()
    chorus = plan.sections[2]
    found = dict(accents(plan, chorus, 0))
    assert found[0] == 5
    assert set(found) == {0} | set(slots_of(chorus.groove[0].kick | chorus.groove[0].snare))


def test_masks_and_slots_are_each_other():
    assert slots_of(mask((0, 3, 15))) == (0, 3, 15)


def test_a_fill_starts_with_a_stroke_and_keeps_to_its_slots():
    drums = load_drums("rock")
    for seed in range(30):
        fill = draw_fill(drums, 8, Accents(1, 16), Stream.of(seed))
        assert fill.snare & mask((8,)) and not (fill.kick | fill.snare) & mask(range(8))


def test_the_fill_state_is_left_soon():
    drums = load_drums("rock")
    state = fill_state(drums)
    assert drums.bars.move[state, state] < 65536 * 0.8


@pytest.mark.parametrize("meter", [(3, 4), (6, 8), (12, 8), (5, 4), (2, 4)])
def test_other_metres_have_a_kick_on_one_and_a_snare(meter):
    plan = grooved(meter=Meter(*meter))
    for bar in plan.sections[1].groove:
        assert bar.kick & 1 and bar.snare and bar.kick | bar.snare < 1 << plan.meter.slots
