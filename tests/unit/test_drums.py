"""The drummer: two hands, two feet, and what a bar of rock must hold."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.models.drums import CLOSED, HANDS, load_drums
from engine.models.drums import GHOST as FAINT
from engine.models.strokes import UNKNOWN, Traits
from engine.parts import drums
from engine.parts.hands import Manner, context_of, draw_voices
from engine.parts.hands import hands_of as all_hands
from engine.plan.accents import Beat
from engine.plan.groove import add_groove
from engine.plan.plan import Plan
from engine.song import ACCENT, GHOST, Section
from engine.stream import Stream
from engine.style import load
from engine.theory.gm import FEET, KIT
from engine.theory.key import Key
from engine.theory.meter import Meter

FORM = (("intro", 4, 2), ("verse", 8, 3), ("prechorus", 4, 3), ("chorus", 8, 5), ("bridge", 8, 1), ("outro", 4, 4))
MANNER = Manner(CLOSED, 2, 400, 100, 60)
SONG = Traits(kind=1, period=0, vary=1, near=1, dense=1, ghosts=1, fills=100, crashes=100, pedal=0)
BEAT = Beat(5, 0x0101, 0x1010)


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


def hands_of(seed, song=SONG, line=(), manner=MANNER):
    model = load_drums("rock")
    return all_hands(model, context_of(song, BEAT, manner, line)).draw(Stream.of(seed))


def test_hands_are_never_more_than_two():
    symbols = load_drums("rock").symbols
    for seed in range(30):
        for slot, event in enumerate(hands_of(seed)):
            cymbal, crash, extra = HANDS[symbols[event]].tolist()
            assert (cymbal > 0) + crash + (extra > 0) + (0x1010 >> slot & 1) <= 2


def test_hats_keep_their_pulse():
    symbols = load_drums("rock").symbols
    strokes = [sum(HANDS[symbols[event]][0] > 0 for event in hands_of(seed)[::2]) for seed in range(30)]
    assert sum(strokes) / len(strokes) > 6.5


def test_a_mechanical_song_plays_the_bar_before_again():
    tight, loose = SONG._replace(vary=0, near=0), SONG._replace(vary=5, near=5)
    apart = dict.fromkeys((tight, loose), 0)
    for seed in range(30):
        first = hands_of(seed)
        for song in apart:
            again = hands_of(seed + 1000, song, first)
            apart[song] += sum(a != b for a, b in zip(first, again, strict=True))
    assert apart[tight] * 4 < apart[loose]


def test_songs_with_many_ghost_notes_have_more_of_them():
    symbols = load_drums("rock").symbols
    few, many = (
        sum(
            HANDS[symbols[event]][2] == FAINT for seed in range(30) for event in hands_of(seed, SONG._replace(ghosts=n))
        )
        for n in (0, 3)
    )
    assert few * 3 < many


def test_no_stroke_needs_no_voice():
    assert draw_voices(load_drums("rock"), [], Stream.of(1)) == []


def test_voices_end_lower_than_they_start():
    model = load_drums("rock")
    first = last = 0
    for seed in range(200):
        voices = draw_voices(model, list(range(16)), Stream.of(seed))
        first, last = first + sum(voices[:4]), last + sum(voices[-4:])
    assert first < last


def test_rows_of_the_fitted_tables_sum_to_one():
    model = load_drums("rock")
    for rows in (model.bars.start, model.bars.move, model.bars.emit, model.kinds, model.fill, model.voice):
        assert (rows.sum(axis=-1) == 65536).all()


def test_real_songs_differ_in_every_trait():
    songs = load_drums("rock").songs
    for field in Traits._fields:
        assert len({getattr(song, field) for song in songs}) > 1
    assert {song.ghosts for song in songs} > {0, UNKNOWN}


@pytest.mark.parametrize("meter", [(3, 4), (6, 8), (12, 8), (7, 8)])
def test_other_metres_are_played_through(meter):
    plan = plan_of(meter=Meter(*meter))
    for section in plan.sections:
        bars = {n.start // plan.meter.bar for n in drums.play(plan, section)}
        assert bars == set(range(section.bars))


def test_feet_are_kick_and_pedal():
    assert frozenset((36, 44)) == FEET
