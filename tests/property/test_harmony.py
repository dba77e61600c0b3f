"""Harmony and phrases of any seed, length, key and metre."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from engine import style as styles
from engine.plan.harmony import add_chords
from engine.plan.phrases import add_phrases
from engine.plan.plan import Plan
from engine.song import KINDS, Section
from engine.theory.key import SCALES, Key
from engine.theory.meter import Meter

forms = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(1, 64)), min_size=1, max_size=4, unique_by=lambda row: row[0]
)
meters = st.sampled_from([Meter(4, 4), Meter(3, 4), Meter(6, 8), Meter(5, 4)])
keys = st.builds(Key, st.integers(0, 11), st.sampled_from(sorted(SCALES)))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**64), forms, keys, meters)
def test_any_plan_is_filled(seed: int, form: list[tuple[str, int]], key: Key, meter: Meter) -> None:
    sections, bar = [], 0
    for kind, bars in form:
        sections.append(Section(f"{kind}/1", kind, kind, bar, bars, 3))
        bar += bars
    found = add_phrases(add_chords(Plan(styles.load("rock"), seed, key, 120, meter, tuple(sections))))
    for section in found.sections:
        assert sum(span.length for span in section.chords) == section.bars * meter.bar
        assert sum(phrase.length for phrase in section.phrases) == section.bars * meter.slots
    assert found.sections[-1].chords[-1].chord.root == key.tonic
