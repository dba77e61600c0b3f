"""``hookline chart``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.cli import show


def chart(song: Annotated[Path, typer.Argument(metavar="SONG", help="A .song.json file.")]) -> None:
    """Print the chords and the drum tablature of a song file.

    Example: hookline chart song.song.json
    """
    from engine.api import load_song
    from engine.export.chart import chart as text

    show(text(load_song(song)).rstrip())
