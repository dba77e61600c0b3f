"""Where the voice lies: its lowest note, its range, and how high each kind of section lies in it."""

from __future__ import annotations

from typing import NamedTuple

from engine.models.pitch import KINDS, REACH
from engine.plan.bounds import Bounds
from engine.plan.manner import song_manner
from engine.plan.plan import Plan
from engine.song import Section

# A song's span is what it happened to touch; its voice could have gone a little further, and so may ours.
BEYOND = 4
# The hook is chosen among many, and high ones rank well: the chorus aims lower by what that adds.
CHOSEN = 1
# A pre-chorus lies above its verse (two semitones at the median of RS200's) and rises, by as much from end to end.
CLIMB = 2


def risen(section: Section, slot: int, slots: int) -> int:
    """Return how far the voice's middle has risen at a slot of a section of so many slots, in semitones."""
    return 2 * CLIMB * slot // slots - CLIMB // 2 if section.kind == "prechorus" else 0


class Register(NamedTuple):
    """A voice in MIDI numbers: lowest and highest note and middle in a section, and the middle in the song."""

    low: int
    high: int
    middle: int
    centre: int


def kind_of(section: Section) -> int:
    """Return the number of a section's kind for the fitted models."""
    return KINDS.index(section.kind) if section.kind in KINDS else len(KINDS)


def within(bounds: Bounds, low: int, high: int, centre: int) -> tuple[int, int, int]:
    """Return a voice's lowest and highest note and its central tonic as its bounds have them."""
    least, most = bounds.voice
    while least < centre - REACH:
        centre -= 12
    while most > centre + REACH:
        centre += 12
    return max(low, least), min(high, most), centre


def register(plan: Plan, section: Section, compass: tuple[int, int] | None = None) -> Register:
    """Return the voice's compass, which is the song's, and the middle of a section, which is its kind's.

    compass: lowest and highest note that it may have; by default those of the section's bounds, or the style's.
    """
    style, own = plan.style.parts["melody"], song_manner(plan)
    bounds = plan.bounds.get(section.name)
    bottom, top = compass or (bounds.compass if bounds else None) or (style.low, style.high)
    span = min(own.span, top - bottom)
    floors = range(bottom, top - span + 1)
    # The lowest note is the degree it was, or the nearest to it that leaves room for the rest.
    apart = [min((floor - plan.key.tonic - own.low) % 12, (own.low + plan.key.tonic - floor) % 12) for floor in floors]
    best = [floor for floor, distance in zip(floors, apart, strict=True) if distance == min(apart)]
    low = plan.song("melody", "low").pick(best)
    middles = [low + middle * span // own.span for middle in own.middles]
    middle = middles[kind_of(section)] - (CHOSEN if section.kind == "chorus" else 0)
    if section.kind == "prechorus":
        middle = max(middle, (middles[0] + middles[1]) // 2 + CLIMB)
    return Register(max(low - BEYOND, bottom), min(low + span + BEYOND, top), middle, sum(middles[:2]) // 2)
