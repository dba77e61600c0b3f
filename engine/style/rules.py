"""The soft rules a style may weigh: name, default, lowest, highest, and what it does.

A rule's number is what its part reads from ``style.rules``; a new rule is one row here.
"""

from __future__ import annotations

from typing import NamedTuple


class Rule(NamedTuple):
    """A soft rule of a part."""

    default: int
    low: int
    high: int
    about: str


RULES: dict[str, Rule] = {
    # harmony and phrases
    "harmony.power": Rule(20, 0, 100, "percent of songs that play power chords in place of triads"),
    "harmony.colour": Rule(50, 0, 1000, "percent: weight of sevenths, ninths and suspensions against the corpus"),
    # melody
    "melody.density": Rule(100, 25, 400, "percent by which the weight of a sung onset is multiplied; 100 is as in the corpus"),
    # drums
    # bass
    "bass.notes": Rule(48, 10, 120, "notes a bar that the bass aims at when energy is 3, times ten"),
    "bass.riff": Rule(100, 0, 100, "percent: how faithfully the figure comes back; 0 leaves every bar to itself"),
    "bass.kick": Rule(150, 100, 1600, "percent: weight of playing on a kick against leaving it out, over the corpus"),
    "bass.root": Rule(300, 100, 6400, "percent: weight of the root on the first note of a chord, over the corpus"),
    "bass.colour": Rule(70, 1, 100, "percent: weight of a scale tone outside the chord against a chord tone"),
    "bass.approach": Rule(300, 100, 6400, "percent: weight of a step into the next root, on the last note before it"),
    "bass.chromatic": Rule(12, 0, 100, "percent: weight of a half step outside the scale into the next root"),
    "bass.fill": Rule(60, 0, 100, "percent of section ends where the bass leaves its riff when the drums fill"),
    # guitars
}
