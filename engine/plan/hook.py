"""The hook as material of the whole song: the chorus's first line, for the voice to sing and any part to quote."""

from __future__ import annotations

from typing import NamedTuple


class HookLine(NamedTuple):
    """The hook of a song.

    section: the name of the section that sings it first. onsets, lengths: slots, onsets from that section's
    start (a pick-up lies below 0). pitches: MIDI numbers. number: which of the candidates it is, from 1.
    """

    section: str
    onsets: tuple[int, ...]
    lengths: tuple[int, ...]
    pitches: tuple[int, ...]
    number: int
