"""Score to performance: when and how hard each note is really played.

Velocity follows stress; there is no feel yet. What files are written from: for each part its notes,
start >= 0, length >= 1, velocity 1..127.
"""

from __future__ import annotations

from typing import NamedTuple

from engine.song import Song


class Played(NamedTuple):
    """A note as it sounds: ticks from the start of the song, ticks long, MIDI number, velocity 1..127."""

    start: int
    length: int
    pitch: int
    velocity: int


def perform(song: Song) -> dict[str, tuple[Played, ...]]:
    """Return the notes of each part as the band plays them."""
    levels = (35, 70, 92, 112)
    return {
        part.name: tuple(Played(n.start, n.length, n.pitch, levels[n.stress]) for n in part.notes)
        for part in song.parts
    }
