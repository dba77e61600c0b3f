"""What commands that sing share: the options that say what a melody is to be."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from engine.plan.wishes import CONTOURS, Wishes, together, wish

PIN = Annotated[
    list[str] | None,
    typer.Option(
        metavar="BAR.BEAT=NOTE", help="A note that must be there: 2.3=E4 (2.3.3 is an eighth later); may be repeated."
    ),
]
AVOID = Annotated[
    list[str] | None, typer.Option(metavar="NOTE", help="A note not to sing, F# or F#4 alone; may be repeated.")
]
FIRST = Annotated[str | None, typer.Option("--first", "--start-note", metavar="NOTE", help="The first note, as A3.")]
LAST = Annotated[str | None, typer.Option("--last", "--end-note", metavar="NOTE", help="The last note.")]
HIGHEST = Annotated[
    str | None, typer.Option(metavar="NOTE[@BAR]", help="The highest note, and the bar that alone has it: E5@3.")
]
RANGE = Annotated[str | None, typer.Option("--range", metavar="LOW-HIGH", help="Such as A3-E5.")]
CONTOUR = Annotated[str | None, typer.Option(metavar="SHAPE", help=f"{', '.join(CONTOURS[:-1])} or {CONTOURS[-1]}.")]
DENSITY = Annotated[
    str | None, typer.Option(metavar="0..1", help="Notes an eighth: 0.3 is sparse, 0.5 usual, 0.8 restless.")
]
RHYTHM = Annotated[
    Path | None, typer.Option("--rhythm-from", metavar="FILE", help="Sing the rhythm of a .mid or .song.json.")
]
LIKE = Annotated[int | None, typer.Option(metavar="N", help="Sound like take N.")]


def wished(
    pin: Sequence[str] | None,
    avoid: Sequence[str] | None,
    first: str | None,
    last: str | None,
    highest: str | None,
    within: str | None,
    contour: str | None,
    density: str | None,
    like: int | None,
) -> Wishes:
    """Return what is asked for; raises UsageError naming what cannot be read."""
    said = [
        *(("pin", text) for text in pin or ()),
        *(("avoid", text) for text in avoid or ()),
        ("first", first),
        ("last", last),
        ("highest", highest),
        ("range", within),
        ("contour", contour),
        ("density", density),
        ("like", None if like is None else str(like)),
    ]
    return together(wish(kind, text) for kind, text in said if text is not None)
