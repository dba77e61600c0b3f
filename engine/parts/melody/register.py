"""Where the voice lies: its lowest note, its range, and how far the chorus lifts it."""

from __future__ import annotations

from typing import NamedTuple

from engine.plan.plan import Plan
from engine.song import Section
from engine.stream import Stream

# Weight of each degree (semitones above the tonic) as a song's lowest sung note, its range in semitones,
# and how far the chorus's middle lies above the verse's: counted on the 127 songs of RS200 in 4/4
# (range between the 2nd and 98th percentile; lift quartiles 0.2, 1.9, 4.0).
LOWEST = {0: 37, 7: 34, 9: 16, 10: 10, 3: 9, 2: 6, 5: 4, 4: 2}
RANGES = {12: 10, 14: 25, 16: 30, 19: 35}
LIFTS = {0: 30, 2: 35, 4: 25, 5: 10}


class Register(NamedTuple):
    """A voice's compass in MIDI numbers: lowest and highest note, the middle of a section and that of the song."""

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
    # The voice sits a little below the middle of its range; the chorus is lifted out of the verse.
    middle = low + span * 9 // 20
    above = {"chorus": lift - lift // 2, "prechorus": lift // 3, "verse": -(lift // 2)}.get(section.kind, 0)
    return Register(low, low + span, middle + above, middle)
