"""What commands that change a song file share: read it, change it, write it, and tell what became of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli import complete, show, tell
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.document import Document

SONG = Annotated[Path, typer.Argument(metavar="SONG", help="A .song.json file.")]
PLACES = Annotated[
    list[str],
    typer.Argument(
        metavar="PLACE",
        help="Such as chorus/melody, verse/1/drums, bass, bridge, verse/chords.",
        autocompletion=complete.places,
    ),
]
OUTPUT = Annotated[
    list[str] | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        help="Also write .mid, .txt or sound; with a .song.json that is written and SONG stays.",
    ),
]
AS_JSON = Annotated[bool, typer.Option("--json", help="Print what changed for programs.")]


def work(
    path: Path, change: Callable[[Document], Document], output: list[str] | None = None, as_json: bool = False
) -> None:
    """Change a song file (or write the changed song elsewhere), and tell what is new in it."""
    from engine import bench
    from engine.bench.words import clashes, diff

    before = bench.load(path)
    after = change(before)
    written = keep(after, path, output or [])
    lines = diff(before, after)
    new = clashes(before, after)
    did = after.song.edits[len(before.song.edits) :]
    for line in (*did, *(f"  {line}" for line in lines), *(f"  clash: {line}" for line in new)):
        tell(line)
    if as_json:
        show(json.dumps(facts(after, did, lines, new, written), indent=1))


def facts(
    document: Document, did: tuple[str, ...], lines: tuple[str, ...], new: tuple[str, ...], written: list[str]
) -> dict[str, Any]:
    """Return what there is to say of a changed song."""
    return {
        "did": did,
        "changes": lines,
        "clashes": new,
        "takes": dict(document.takes),
        "locks": document.locks,
        "muted": document.muted,
        "solo": document.solo,
        "edits": document.song.edits,
        "undo": [step.did for step in document.past],
        "redo": [step.did for step in reversed(document.future)],
        "outputs": written,
    }


def keep(document: Document, path: Path | None, output: list[str]) -> list[str]:
    """Write a document to its file, or to the song file named instead, and to all others; return their names."""
    from engine import bench
    from engine.audio import is_sound
    from engine.export import encode, format_of
    from engine.files import write_whole

    songs = [name for name in output if not is_sound(name) and format_of(name) == "song file"]
    if len(songs) > 1:
        raise UsageError("name one .song.json to write to")
    others = [name for name in output if name not in songs]
    heard = document.heard()
    beside = {name: encode(heard, name) for name in others if not is_sound(name)}
    target = songs[0] if songs else path
    if target is None:
        write_whole(beside)
    else:
        bench.save(document, target, over=bool(songs), beside=beside)
    if sounds := [name for name in others if is_sound(name)]:
        from engine import api
        from engine.cli.render import meter

        api.save(heard, *sounds, progress=meter())
    return [*([str(target)] if target else []), *others]


def numbered(name: str, number: int) -> str:
    """Return "song.1.song.json" for "song.song.json"."""
    for ending in (".song.json", *([name[name.rindex(".") :]] if "." in name else [])):
        if name.lower().endswith(ending.lower()):
            return f"{name[: -len(ending)]}.{number}{name[-len(ending) :]}"
    return f"{name}.{number}"
