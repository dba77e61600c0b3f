"""What a section's voice may sing: its tones, and where they lie."""

from __future__ import annotations

import numpy as np

from engine.models.pitch import EVENTS, REACH
from engine.parts.melody.register import kind_of, register, within
from engine.parts.melody.spot import Line
from engine.plan.manner import song_manner, song_palette
from engine.plan.plan import Plan
from engine.song import Section
from engine.theory.meter import common


def line_of(plan: Plan, section: Section) -> Line:
    """Return what the voice of a section may sing."""
    low, high, middle, middle_of_song = register(plan, section)
    centre = plan.key.tonic + 12 * round((middle_of_song - plan.key.tonic) / 12)
    bounds = plan.bounds.get(section.name)
    if bounds:
        low, high, centre = within(bounds, low, high, centre)
    bottom = centre - REACH
    # What scale, chords and the song's own palette have; more would only take time.
    tones = _tones(plan, section)
    open_events = range(max(low - bottom, 0), min(high - bottom + 1, EVENTS))
    events = [event for event in open_events if (event - REACH) % 12 in tones]
    if bounds:
        events = sorted({*events, *(pitch - bottom for pitch in bounds.reach([bottom + event for event in events]))})
    return Line(
        np.array(events, dtype=np.int64),
        plan.key.scale,
        plan.key.tonic,
        min(max(middle - bottom, 0), EVENTS - 1),
        kind_of(section),
        song_manner(plan),
        common(plan.meter),
        bottom,
    )


def _tones(plan: Plan, section: Section) -> set[int]:
    """Return the degrees (semitones above the tonic) that a section's voice may sing."""
    chords = [{(tone - plan.key.tonic) % 12 for tone in span.chord.pitch_classes} for span in section.chords]
    # A style's own scale leaves the singer no other tones, but over a chord that has none of them.
    own = {*plan.key.steps}
    known = own or {*plan.key.scale, *song_palette(plan)}
    return known.union(*(tones for tones in chords if not own & tones))
