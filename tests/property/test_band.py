"""What bass and guitars never do, over any seed, key, energy, metre and chords."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from bands import BAND, EVERYBODY, band_plan, band_section
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.parts import bass, lead, rhythm
from engine.plan.plan import Plan
from engine.song import Note, Section
from engine.theory.key import SCALES, Key
from engine.theory.meter import SLOT, Meter

PLAYERS: dict[str, Callable[[Plan, Section], tuple[Note, ...]]] = {
    "bass": bass.play,
    "rhythm": rhythm.play,
    "lead": lead.play,
}
LOOPS = ("i bVII bVI V", "I V vi IV", "I7 IV7 V7", "I5 bIII5", "ii7 V7 Imaj7", "viio I+ IVadd9 v", "I IV/I bVII/I")


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    meter = draw(st.sampled_from([Meter(4, 4), Meter(4, 4), Meter(3, 4), Meter(6, 8), Meter(5, 4), Meter(7, 8)]))
    tonic = draw(st.integers(0, 11))
    sections: list[Section] = []
    kinds = draw(st.lists(st.sampled_from(["intro", "verse", "chorus", "bridge", "solo"]), min_size=1, max_size=3))
    for number, kind in enumerate([*kinds, "outro"]):
        sections.append(
            band_section(
                kind,
                number + 1,
                bars=draw(st.integers(1, 9)),
                numerals=draw(st.sampled_from(LOOPS)),
                tonic=tonic,
                meter=meter,
                energy=draw(st.integers(1, 5)),
                players=EVERYBODY if kind in ("verse", "chorus") else BAND,
                kick=draw(st.integers(0, 0xFFFF)),
                fill=draw(st.sampled_from([-1, 0, 8, 12])),
                sung=(draw(st.integers(-4, 8)), draw(st.integers(9, 40))),
            )
        )
    key = Key(tonic, draw(st.sampled_from(sorted(SCALES))))
    return band_plan(*sections, seed=draw(st.integers(0, 2**32)), key=key, meter=meter)


@pytest.mark.parametrize("part", PLAYERS)
@settings(max_examples=15, deadline=None)
@given(plan=plans())
def test_notes_are_in_range_and_inside_the_section(part: str, plan: Plan) -> None:
    style = plan.style.parts[part]
    for section in plan.sections:
        for note in PLAYERS[part](plan, section):
            assert style.low <= note.pitch <= style.high
            assert note.length > 0 and note.start >= 0
            assert note.start + note.length <= section.bars * plan.meter.bar
            assert note.start % SLOT == 0


@pytest.mark.parametrize("part", PLAYERS)
@settings(max_examples=15, deadline=None)
@given(plan=plans())
def test_equal_pitches_never_overlap(part: str, plan: Plan) -> None:
    for section in plan.sections:
        ends: dict[int, int] = {}
        for note in sorted(PLAYERS[part](plan, section)):
            assert ends.get(note.pitch, 0) <= note.start
            ends[note.pitch] = note.start + note.length


@pytest.mark.parametrize("part", ["bass", "rhythm"])
@settings(max_examples=15, deadline=None)
@given(plan=plans())
def test_no_bar_is_silent(part: str, plan: Plan) -> None:
    for section in plan.sections:
        bars = {note.start // plan.meter.bar for note in PLAYERS[part](plan, section)}
        assert bars == set(range(section.bars))


@settings(max_examples=15, deadline=None)
@given(plan=plans())
def test_lead_is_silent_while_somebody_sings(plan: Plan) -> None:
    for section in plan.sections:
        if "melody" not in section.players:
            continue
        for note in lead.play(plan, section):
            first, last = note.start // SLOT, (note.start + note.length) // SLOT
            for phrase in section.phrases:
                assert last <= phrase.sung[0] or first >= phrase.sung[1]


@settings(max_examples=15, deadline=None)
@given(plan=plans())
def test_lead_leaves_the_next_voice_its_pick_up(plan: Plan) -> None:
    for section, following in pairwise(plan.sections):
        if "melody" in following.players:
            early = section.bars * plan.meter.slots + following.phrases[0].sung[0]
            assert all((note.start + note.length) // SLOT <= early for note in lead.play(plan, section))


@settings(max_examples=15, deadline=None)
@given(plan=plans())
def test_bass_seldom_leaps_beyond_an_octave(plan: Plan) -> None:
    leaps = [
        abs(after.pitch - before.pitch)
        for section in plan.sections
        for before, after in pairwise(bass.play(plan, section))
    ]
    assert sum(leap > 12 for leap in leaps) <= 1 + len(leaps) // 20


@settings(max_examples=12, deadline=None)
@given(plan=plans())
def test_order_of_sections_asked_does_not_matter(plan: Plan) -> None:
    fresh = band_plan(*plan.sections, seed=plan.seed, key=plan.key, meter=plan.meter)
    for part, play in PLAYERS.items():
        forwards = [play(plan, section) for section in plan.sections]
        backwards = [play(fresh, section) for section in reversed(fresh.sections)]
        assert forwards == backwards[::-1], part
