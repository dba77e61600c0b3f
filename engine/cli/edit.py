"""``hookline edit``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from engine.cli import complete
from engine.cli.worked import AS_JSON, OUTPUT, work
from engine.errors import UsageError

Rows = list[str] | None


def edit(
    song: Annotated[Path, typer.Argument(metavar="SONG", help="A .song.json file.")],
    chords: Annotated[
        Rows,
        typer.Option(
            metavar="SECTION=CHORDS", help='Such as verse="Em C G D"; may be repeated.', autocompletion=complete.values
        ),
    ] = None,
    key: Annotated[str | None, typer.Option(metavar="KEY", help='Such as "E minor".')] = None,
    tempo: Annotated[int | None, typer.Option(metavar="BPM", help="Beats a minute, 40 to 300.")] = None,
    energy: Annotated[
        Rows, typer.Option(metavar="SECTION=1..5", help="1 bare, 5 everything.", autocompletion=complete.values)
    ] = None,
    on: Annotated[
        Rows,
        typer.Option(
            metavar="SECTION/PART", help="Let a part play, such as verse/1/lead.", autocompletion=complete.parts
        ),
    ] = None,
    off: Annotated[
        Rows, typer.Option(metavar="SECTION/PART", help="Let a part pause.", autocompletion=complete.parts)
    ] = None,
    insert: Annotated[
        str | None, typer.Option(metavar="KIND[=BARS]", help="Put a section in, where --after or --first says.")
    ] = None,
    repeat: Annotated[
        str | None,
        typer.Option(
            metavar="SECTION",
            help="Repeat it note for note, after itself or as --after says.",
            autocompletion=complete.single,
        ),
    ] = None,
    move: Annotated[
        str | None,
        typer.Option(metavar="SECTION", help="Move it where --after or --first says.", autocompletion=complete.single),
    ] = None,
    remove: Annotated[
        Rows, typer.Option(metavar="SECTION", help="Take it out, such as verse/2.", autocompletion=complete.single)
    ] = None,
    after: Annotated[
        str | None,
        typer.Option(metavar="SECTION", help="The section it follows, as chorus/2.", autocompletion=complete.single),
    ] = None,
    first: Annotated[bool, typer.Option("--first", help="Before all others.")] = False,
    output: OUTPUT = None,
    as_json: AS_JSON = False,
) -> None:
    """Edit a song: chords, key, tempo, energy, who plays, and the form. What depends on it follows.

    Locked places stay, and where they clash with what is new is told.

    Example: hookline edit song.song.json --chords verse="Em C G D" --tempo 140
    """
    placed = [name for name, value in (("insert", insert), ("repeat", repeat), ("move", move)) if value]
    if len(placed) > 1:
        raise UsageError("one of --insert, --repeat and --move at a time")
    if (after or first) and not placed:
        raise UsageError("--after and --first say where --insert, --repeat or --move go")
    if after and first:
        raise UsageError("--after or --first, not both")
    where = "first" if first else f"after {after}" if after else ""
    if placed and not where and not repeat:
        raise UsageError(f"say where: --{placed[0]} with --after SECTION or --first")
    words = [
        *(f"chords {row}" for row in _pairs("--chords", chords, 'verse="Em C G D"')),
        *([f"key {key}"] if key else []),
        *([f"tempo {tempo}"] if tempo is not None else []),
        *([f"insert {insert} {where}"] if insert else []),
        *([f"repeat {repeat} {where or f'after {repeat}'}"] if repeat else []),
        *([f"move {move} {where}"] if move else []),
        *(f"energy {row}" for row in _pairs("--energy", energy, "chorus/2=4")),
        *(f"on {row}" for row in on or ()),
        *(f"off {row}" for row in off or ()),
        *(f"remove {row}" for row in remove or ()),
    ]
    if not words:
        raise UsageError("nothing to edit", "see: hookline edit --help")
    from functools import reduce

    from engine import bench

    work(song, lambda document: reduce(bench.do, words, document), output, as_json)


def _pairs(option: str, rows: Rows, example: str) -> Iterator[str]:
    for row in rows or ():
        name, equals, value = row.partition("=")
        if not name or not equals or not value.strip():
            raise UsageError(f'{option} "{row}": expected SECTION=VALUE', f"write it like {option} {example}")
        if option == "--energy" and not value.strip().isdecimal():
            raise UsageError(f'{option} "{row}": expected 1 to 5', f"write it like {option} {example}")
        yield f"{name}={value.strip()}"
