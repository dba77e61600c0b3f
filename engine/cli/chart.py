"""``hookline chart``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from engine.cli import show


def chart(
    song: Annotated[Path, typer.Argument(metavar="SONG", help="A .song.json file.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary of compose --json.")] = False,
) -> None:
    """Print the chords and the drum tablature of a song file.

    Example: hookline chart song.song.json
    """
    from engine.api import load_song
    from engine.export.chart import chart as text

    found = load_song(song)
    if as_json:
        from engine.cli.compose import facts

        show(json.dumps(facts(found, (), False), indent=1))
    else:
        show(text(found).rstrip())
