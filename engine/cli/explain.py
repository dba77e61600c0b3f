"""``hookline explain``."""

from __future__ import annotations

import json
import re
from typing import Annotated

import typer

from engine.cli import complete, show
from engine.cli.worked import SONG
from engine.errors import UsageError


def explain(
    song: SONG,
    place: Annotated[
        str,
        typer.Argument(
            metavar="PLACE",
            help="A part of a section, such as chorus/melody or verse/2/bass.",
            autocompletion=complete.parts,
        ),
    ],
    bars: Annotated[
        str | None, typer.Option(metavar="A-B", help="These bars of the section alone, such as 1-4.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it for programs, with more options.")] = False,
) -> None:
    """Tell why the notes of a part are there: what was proposed, its chance, which rules acted, where it comes from.

    Example: hookline explain song.song.json chorus/melody --bars 1-4
    """
    wanted = _bars(bars) if bars is not None else None
    from engine import bench
    from engine.explain.explain import explain as explained
    from engine.explain.words import facts, table

    document = bench.load(song)
    told = explained(document, place, wanted)
    show(json.dumps(facts(document.song, told), indent=1) if as_json else table(document.song, told))


def _bars(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"\s*(\d{1,6})\s*(?:-\s*(\d{1,6})\s*)?", text)
    if not match:
        raise UsageError(f'--bars "{text[:20]}": expected one bar or two with a dash', "such as --bars 1-4")
    first = int(match[1])
    return first, int(match[2] or first)
