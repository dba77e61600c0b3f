"""``hookline reroll``."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from engine.cli import show, tell
from engine.cli.worked import AS_JSON, OUTPUT, SONG, facts, keep, work
from engine.errors import UsageError


def reroll(
    song: SONG,
    place: Annotated[
        str,
        typer.Argument(metavar="PLACE", help="Such as chorus/melody, verse/1/drums, '*/bass', bridge, chorus/chords."),
    ],
    take: Annotated[int | None, typer.Option(metavar="N", help="This take; the next one otherwise.")] = None,
    takes: Annotated[
        int | None, typer.Option(metavar="N", help="Write N takes to files SONG.1, SONG.2, ..., the best first.")
    ] = None,
    output: OUTPUT = None,
    as_json: AS_JSON = False,
) -> None:
    """Play one place of a song again, otherwise; all else stays as it is.

    Sections that share their material change together, unless one is named by its number.

    Example: hookline reroll song.song.json chorus/melody
    """
    if takes is None:
        from engine import bench

        work(song, lambda document: bench.reroll(document, place, take), output, as_json)
        return
    if take is not None:
        raise UsageError("--take or --takes, not both")
    from engine import bench
    from engine.bench.rank import ranked, told_by
    from engine.bench.words import clashes, diff

    before = bench.load(song)
    best = ranked(before, bench.takes(before, place, takes), place)
    names = output or [str(song)]
    rows = []
    for number, (score, document) in enumerate(best, 1):
        written = keep(document, song, [_numbered(name, number) for name in names])
        did = document.song.edits[-1:]
        new = clashes(before, document)
        rows.append({"score": score, **facts(document, did, diff(before, document), new, written)})
        tell(f"{number}. {', '.join(written)}: {did[0]}, {told_by(place, before)} {score:g}")
    if len(best) < takes:
        tell(f"note: there are no more than {len(best)} different takes")
    if as_json:
        show(json.dumps(rows, indent=1))


def _numbered(name: str, number: int) -> str:
    """Return "song.1.song.json" for "song.song.json"."""
    for ending in (".song.json", *([name[name.rindex(".") :]] if "." in name else [])):
        if name.lower().endswith(ending.lower()):
            return f"{name[: -len(ending)]}.{number}{name[-len(ending) :]}"
    return f"{name}.{number}"
