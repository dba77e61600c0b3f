"""``hookline score``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.errors import UsageError


def score(
    song: Annotated[Path, typer.Argument(metavar="SONG", help="A .song.json file.")],
    output: Annotated[
        list[str],
        typer.Option(
            "-o", "--output", metavar="FILE", help=".musicxml, .pdf, .svg, .abc, .cho or .chordpro; may be repeated."
        ),
    ],
    lead_sheet: Annotated[
        bool, typer.Option("--lead-sheet", help="Melody, chords and section names in place of the whole score.")
    ] = False,
    tab: Annotated[bool, typer.Option("--tab", help="Add tablature to guitars and bass.")] = False,
) -> None:
    """Write a song as sheet music: the score of the band, or a lead sheet.

    ABC has the melody with its chords, ChordPro the chords.

    Example: hookline score song.song.json --lead-sheet -o song.pdf
    """
    from engine.export import format_of
    from engine.notation.files import EXTENSIONS, notated

    if tab and lead_sheet:
        raise UsageError("a lead sheet has no tablature: --tab or --lead-sheet")
    kinds = {}
    for path in dict.fromkeys(output):
        if not path.lower().endswith(EXTENSIONS):
            raise UsageError(f"{path} is no sheet music", f"end it in {', '.join(EXTENSIONS)}")
        kinds[path] = format_of(path)
        if tab and kinds[path] in ("ABC", "ChordPro"):
            raise UsageError(f"{kinds[path]} has no tablature", "--tab goes with .musicxml, .pdf and .svg")
    from engine.api import load_song
    from engine.files import write_whole

    loaded = load_song(song)
    write_whole({path: notated(loaded, kind, lead=lead_sheet, tab=tab) for path, kind in kinds.items()})
