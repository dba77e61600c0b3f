"""Drums and feel over any seed: hard rules that no song may break."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.parts import drums
from engine.perform import perform
from engine.plan.groove import add_groove
from engine.plan.plan import Plan
from engine.song import Feel, Part, Request, Section, Song
from engine.style import load
from engine.theory.gm import FEET
from engine.theory.key import Key
from engine.theory.meter import Meter

KINDS = ("intro", "verse", "prechorus", "chorus", "bridge", "solo", "interlude", "outro")
SECTIONS = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(1, 12), st.integers(1, 5)), min_size=1, max_size=6)


def plan_of(style, seed, form, meter, tempo):
    sections, bar = [], 0
    for number, (kind, bars, energy) in enumerate(form):
        sections.append(Section(f"{kind}/{number}", kind, f"{kind}{bars}", bar, bars, energy))
        bar += bars
    return add_groove(Plan(load(style), seed, Key(0), tempo, meter, tuple(sections)))


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(("rock", "punk")), st.integers(0, 2**32), SECTIONS, st.integers(60, 220),
    st.sampled_from((Meter(), Meter(), Meter(6, 8), Meter(3, 4))), st.integers(0, 100), st.integers(50, 75),
)  # fmt: skip
def test_two_hands_no_silence_and_a_clean_performance(style, seed, form, tempo, meter, feel, swing):
    plan = plan_of(style, seed, form, meter, tempo)
    notes = []
    for section in plan.sections:
        own = drums.play(plan, section)
        assert {n.start // meter.bar for n in own} == set(range(section.bars))
        notes += [n._replace(start=n.start + section.start_bar * meter.bar) for n in own]
    hands = Counter(n.start for n in notes if n.pitch not in FEET)
    assert max(hands.values()) <= 2
    assert len({(n.start, n.pitch) for n in notes}) == len(notes)
    song = Song(
        "0", Request(seed=seed, feel=feel), "", Key(0), tempo, meter, plan.sections,
        (Part("drums", tuple(sorted(notes))),), Feel(swing=swing),
    )  # fmt: skip
    played = perform(song)["drums"]
    end = song.bars * meter.bar
    assert all(n.start >= 0 and n.length >= 1 and n.start + n.length <= end and 1 <= n.velocity <= 127 for n in played)
    last: dict[int, int] = {}
    for note in sorted(played):
        assert last.get(note.pitch, 0) <= note.start
        last[note.pitch] = note.start + note.length
