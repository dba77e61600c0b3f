"""The players: one file (or folder) each, none of which knows another."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.parts.bass import play as play_bass
from engine.parts.drums import play as play_drums
from engine.parts.lead import play as play_lead
from engine.parts.melody import play as play_melody
from engine.parts.rhythm import play as play_rhythm
from engine.plan.plan import Plan
from engine.song import Note, Section

Player = Callable[[Plan, Section], tuple[Note, ...]]

# In the order of the tracks. A new instrument is one file here, one row, and its part in a style.
PLAYERS: Mapping[str, Player] = {
    "melody": play_melody,
    "lead": play_lead,
    "rhythm": play_rhythm,
    "bass": play_bass,
    "drums": play_drums,
}
