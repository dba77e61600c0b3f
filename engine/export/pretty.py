"""For people who live in pretty_midi."""

from __future__ import annotations

import io
from typing import Any

from engine.errors import ExportError
from engine.export.midi import midi
from engine.song import Song


def pretty_midi(song: Song) -> Any:
    """Return the song as a ``pretty_midi.PrettyMIDI``; raises ExportError where that is not installed."""
    try:
        import pretty_midi as library
    except ImportError as error:
        raise ExportError("pretty_midi cannot be imported", "install it with: pip install pretty_midi") from error
    return library.PrettyMIDI(io.BytesIO(midi(song)))
