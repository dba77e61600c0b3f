"""The drummer: two hands, two feet, and what a bar of rock must hold."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.models.drums import CLOSED, HANDS, NO_BAR, copied, load_drums
from engine.parts import drums
from engine.parts.hands import Manner, draw_hands, draw_voices
from engine.plan.groove import add_groove
from engine.plan.plan import Plan
from engine.song import ACCENT, GHOST, Section
from engine.stream import Stream
from engine.style import load
from engine.theory.gm import FEET, KIT
from engine.theory.key import Key
from engine.theory.meter import Meter

FORM = (("intro", 4, 2), ("verse", 8, 3), ("prechorus", 4, 3), ("chorus", 8, 5), ("bridge", 8, 1), ("outro", 4, 4))
MANNER = Manner(CLOSED, 2, 1600, 30, 60)


def plan_of(seed=1, meter=None, rules=None, takes=None, form=FORM):
    style = load("rock")
    style = replace(style, rules={**style.rules, **(rules or {})})
    sections, bar = [], 0
    for kind, bars, energy in form:
        sections.append(Section(f"{kind}/1", kind, kind, bar, bars, energy))
        bar += bars
    return add_groove(Plan(style, seed, Key(4, "minor"), 120, meter or Meter(), tuple(sections), takes or {}))


def played(**facts):
    plan = plan_of(**facts)
    return [drums.play(plan, section) for section in plan.sections]


def test_kick_and_snare_are_the_groove_s():
    plan = plan_of(rules={"drums.ghost": 0})
    verse = plan.sections[1]
    notes = drums.play(plan, verse)
    for number, bar in enumerate(verse.groove):
        if bar.fill < 0:
            kicks = {n.start // 120 % 16 for n in notes if n.start // 1920 == number and n.pitch == KIT["kick"]}
            snares = {n.start // 120 % 16 for n in notes if n.start // 1920 == number and n.pitch == KIT["snare"]}
            assert sum(1 << s for s in kicks) == bar.kick
            assert sum(1 << s for s in snares) == bar.snare


def test_a_new_take_leaves_the_kick_where_it_is():
    before, after = played(), played(takes={"verse/drums": 5})
    kick = KIT["kick"]
    assert [n for n in before[1] if n.pitch == kick] == [n for n in after[1] if n.pitch == kick]
    assert before[3] == after[3]


def test_the_song_ends_with_kick_and_crash_and_nothing_after():
    last = played()[-1]
    end = [n for n in last if n.start >= 3 * 1920]
    assert {n.start for n in end} == {3 * 1920}
    assert {KIT["kick"], KIT["crash"]} <= {n.pitch for n in end}


def test_a_build_up_grows_from_faint_to_loud():
    form = (("verse", 8, 3), ("prechorus", 4, 3), ("chorus", 8, 5))
    notes = played(form=form, rules={"drums.build": 100})[1]
    strokes = [n.stress for n in notes if n.start >= 3 * 1920 and n.pitch in (KIT["snare"], KIT["floor"])]
    assert strokes == sorted(strokes) and strokes[0] < strokes[-1] == ACCENT


def test_a_bare_section_has_a_cross_stick():
    bridge = played()[4]
    assert KIT["stick"] in {n.pitch for n in bridge}
    assert not [n for n in bridge if n.pitch == KIT["snare"] and n.start < 7 * 1920 and n.stress > GHOST]


def test_hands_are_never_more_than_two():
    model = load_drums("rock")
    for seed in range(30):
        for slot, symbol in enumerate(draw_hands(model, 5, 0x0101, 0x1010, MANNER, Stream.of(seed))):
            cymbal, crash, extra = HANDS[symbol].tolist()
            assert (cymbal > 0) + crash + (extra > 0) + (0x1010 >> slot & 1) <= 2


def test_hats_keep_their_pulse():
    model = load_drums("rock")
    for seed in range(30):
        symbols = draw_hands(model, 5, 0x0101, 0x1010, MANNER, Stream.of(seed))
        assert sum(HANDS[symbol][0] > 0 for symbol in symbols[::2]) >= 6


def test_no_stroke_needs_no_voice():
    assert draw_voices(load_drums("rock"), [], Stream.of(1)) == []


def test_voices_end_lower_than_they_start():
    model = load_drums("rock")
    first = last = 0
    for seed in range(200):
        voices = draw_voices(model, list(range(16)), Stream.of(seed))
        first, last = first + sum(voices[:4]), last + sum(voices[-4:])
    assert first < last


def test_copying_weighs_more_the_longer_bars_agree():
    model = load_drums("rock")
    rows = copied(model.foot[2, 5].reshape(16, 4), model.keep_foot, 1, 4)
    shares = rows[:, 0, 1] / rows[:, 0].sum(axis=1)
    assert shares[0] < shares[-1]


def test_rows_of_the_fitted_tables_sum_to_one():
    model = load_drums("rock")
    for rows in (model.bars.start, model.bars.move, model.bars.emit, model.foot, model.hand, model.fill, model.voice):
        assert (rows.sum(axis=-1) == 65536).all()
    assert (model.keep_foot.sum(axis=-1) == 65536).all() and (model.keep_hand.sum(axis=-1) == 65536).all()
    assert (model.keep_foot[NO_BAR, :, 1] == 0).all()


@pytest.mark.parametrize("meter", [(3, 4), (6, 8), (12, 8), (7, 8)])
def test_other_metres_are_played_through(meter):
    plan = plan_of(meter=Meter(*meter))
    for section in plan.sections:
        bars = {n.start // plan.meter.bar for n in drums.play(plan, section)}
        assert bars == set(range(section.bars))


def test_feet_are_kick_and_pedal():
    assert frozenset((36, 44)) == FEET
