"""``hookline vary``."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.cli import complete
from engine.cli.wishing import AVOID, CONTOUR, DENSITY, FIRST, HIGHEST, LAST, LIKE, PIN, RANGE, wished
from engine.cli.worked import AS_JSON, OUTPUT, SONG, work


def vary(
    song: SONG,
    place: Annotated[
        str,
        typer.Argument(
            metavar="PLACE", help="A part: verse/melody, chorus/2/drums, bass.", autocompletion=complete.places
        ),
    ],
    amount: Annotated[
        float, typer.Option(metavar="0..1", help="0 nearly the same to 1 new: the share of its notes that change.")
    ] = 0.3,
    keep: Annotated[
        str, typer.Option(metavar="WHAT", help="rhythm or contour; a melody keeps its rhythm if nothing is said.")
    ] = "",
    number: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="This variation of the place; the next one otherwise.")
    ] = None,
    pin: PIN = None,
    avoid: AVOID = None,
    first: FIRST = None,
    last: LAST = None,
    highest: HIGHEST = None,
    within: RANGE = None,
    contour: CONTOUR = None,
    density: DENSITY = None,
    like: LIKE = None,
    output: OUTPUT = None,
    as_json: AS_JSON = False,
) -> None:
    """Vary a part: as much of it changes as --amount says, and all else stays as it is.

    Of a melody the strong and the long notes change last. Other parts take so many of their bars from another take.

    Example: hookline vary song.song.json verse/melody --amount 0.3
    """
    wishes = wished(pin, avoid, first, last, highest, within, contour, density, like)
    from engine import bench

    work(song, lambda document: bench.vary(document, place, amount, keep, wishes, number), output, as_json)
