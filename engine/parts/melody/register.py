"""Where the voice lies: its lowest note, its range, and how high each kind of section lies in it."""

from __future__ import annotations

from typing import NamedTuple

from engine.plan.plan import Plan
from engine.song import Section
from engine.stream import Stream

# Weight of each degree (semitones above the tonic) as a song's lowest sung note, counted on the 127 songs of
# RS200 in 4/4, and of the voice's compass in semitones: songs use it up seldom, so it is wider than what real
# songs span (12, 14, 17 semitones between the 2nd and 98th percentile of their notes, by quartiles).
LOWEST = {0: 37, 7: 34, 9: 16, 10: 10, 3: 9, 2: 6, 5: 4, 4: 2}
RANGES = {14: 10, 16: 30, 19: 40, 21: 20}
# How much the chorus's middle is moved against the verse's. It is moved down: the fitted pitches put choruses a
# semitone above verses by themselves, and the choice of the hook adds more than two. So lifts come out between
# those of RS200 (quartiles 0.3, 2.0, 4.1) and those of more songs (-0.3, 1.1, 2.9); see docs/hooks.md.
LIFTS = {-4: 20, -3: 25, -2: 25, -1: 20, 0: 10}
BELOW, ABOVE = 7, 9  # semitones about its middle that a section uses of the compass
CLIMB = 2  # semitones by which a pre-chorus's middle is moved up, which the model knows from few songs


class Register(NamedTuple):
    """A voice in MIDI numbers: lowest and highest note and middle in a section, and the middle in the song."""

    low: int
    high: int
    middle: int
    centre: int


def register(plan: Plan, section: Section) -> Register:
    """Return the voice's compass in a section; the song has one, and each kind its own middle."""
    style = plan.style.parts["melody"]
    stream = Stream.of(plan.seed).at("song", "melody", "register")
    span = stream.at("range").pick(tuple(RANGES), tuple(RANGES.values()))
    span = min(span, style.high - style.low)
    floors = range(style.low, style.high - span + 1)
    weights = [LOWEST.get((floor - plan.key.tonic) % 12, 0) for floor in floors]
    low = stream.at("low").pick(floors, weights if any(weights) else None)
    lift = stream.at("lift").pick(tuple(LIFTS), tuple(LIFTS.values()))
    # The voice sits a little below the middle of its range.
    middle = low + span * 9 // 20
    above = {"chorus": lift - lift // 2, "prechorus": CLIMB, "verse": -(lift // 2)}.get(section.kind, 0)
    here = middle + above
    return Register(max(low, here - BELOW), min(low + span, here + ABOVE), here, middle)
