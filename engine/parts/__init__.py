"""The players: one file (or folder) each, none of which knows another."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.parts import bass, drums, lead, melody, rhythm
from engine.plan.plan import Plan
from engine.song import Note, Section

Player = Callable[[Plan, Section], tuple[Note, ...]]

# In the order of the tracks. A new instrument is one file here, one row, and its part in a style.
PLAYERS: Mapping[str, Player] = {
    "melody": melody.play,
    "lead": lead.play,
    "rhythm": rhythm.play,
    "bass": bass.play,
    "drums": drums.play,
}
