"""``hookline reroll``."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from engine.cli import complete, show, tell
from engine.cli.wishing import AVOID, CONTOUR, DENSITY, FIRST, HIGHEST, LAST, LIKE, PIN, RANGE, RHYTHM, wished
from engine.cli.worked import AS_JSON, OUTPUT, SONG, facts, keep, numbered, work
from engine.errors import UsageError
from engine.plan.wishes import together


def reroll(
    song: SONG,
    place: Annotated[
        str,
        typer.Argument(
            metavar="PLACE",
            help="Such as chorus/melody, verse/1/drums, '*/bass', bridge, chorus/chords.",
            autocompletion=complete.places,
        ),
    ],
    take: Annotated[int | None, typer.Option(metavar="N", help="This take; the next one otherwise.")] = None,
    takes: Annotated[
        int | None, typer.Option(metavar="N", help="Write N takes to files SONG.1, SONG.2, ..., the best first.")
    ] = None,
    pin: PIN = None,
    avoid: AVOID = None,
    first: FIRST = None,
    last: LAST = None,
    highest: HIGHEST = None,
    within: RANGE = None,
    contour: CONTOUR = None,
    density: DENSITY = None,
    rhythm_from: RHYTHM = None,
    like: LIKE = None,
    output: OUTPUT = None,
    as_json: AS_JSON = False,
) -> None:
    """Play one place of a song again, otherwise; all else stays as it is.

    Sections that share their material change together, unless one is named by its number. A melody may be wished
    for: notes that must be there, and so on; what cannot be kept together is told.

    Example: hookline reroll song.song.json chorus/melody
    """
    wishes = wished(pin, avoid, first, last, highest, within, contour, density, like)
    if take is not None and takes is not None:
        raise UsageError("--take or --takes, not both")
    from engine import bench

    if rhythm_from:
        from engine import api

        wishes = together((wishes, bench.to_rhythm(bench.load(song), place, api.rhythm(rhythm_from))))
    if takes is None:
        work(song, lambda document: bench.reroll(document, place, take, wishes), output, as_json)
        return
    from engine.bench.rank import ranked, told_by
    from engine.bench.words import clashes, diff

    before = bench.load(song)
    best = ranked(before, bench.takes(before, place, takes, wishes), place)
    names = output or [str(song)]
    rows = []
    for number, (score, document) in enumerate(best, 1):
        written = keep(document, song, [numbered(name, number) for name in names])
        did = document.song.edits[-1:]
        new = clashes(before, document)
        rows.append({"score": score, **facts(document, did, diff(before, document), new, written)})
        tell(f"{number}. {', '.join(written)}: {did[0]}, {told_by(place, before)} {score:g}")
    if len(best) < takes:
        tell(f"note: there are no more than {len(best)} different takes")
    if as_json:
        show(json.dumps(rows, indent=1))
