"""``hookline open``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from engine.cli import show, tell
from engine.cli.worked import AS_JSON, facts, keep
from engine.errors import SongFileError


def open(
    song: Annotated[Path, typer.Argument(metavar="FILE", help="A MIDI file of ours, or a .song.json file.")],
    output: Annotated[
        list[str],
        typer.Option("-o", "--output", metavar="FILE", help=".song.json, .mid, .txt or sound; may be repeated."),
    ],
    as_json: AS_JSON = False,
) -> None:
    """Open a MIDI file of ours as a song file, from its receipt; or write a song file in other formats.

    Example: hookline open song.mid -o song.song.json
    """
    from engine import bench

    exact = True
    if song.suffix.lower() in (".mid", ".midi"):
        try:
            data = song.read_bytes()
        except OSError as error:
            raise SongFileError(f"cannot read {song}: {(error.strerror or str(error)).lower()}") from error
        document, exact = bench.from_midi(data)
    else:
        document = bench.load(song)
    written = keep(document, None, output)
    if not exact:
        tell("note: this song makes another file: another version or style wrote this one, or it was changed since")
    if as_json:
        show(json.dumps({"same": exact, **facts(document, document.song.edits, (), (), written)}, indent=1))
