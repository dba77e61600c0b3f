"""``hookline undo`` and ``redo``."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from engine.cli import show, tell
from engine.cli.worked import AS_JSON, SONG, facts, keep
from engine.errors import UsageError

STEPS = Annotated[int, typer.Option("-n", "--steps", metavar="N", help="So many steps.")]


def undo(
    song: SONG,
    steps: STEPS = 1,
    everything: Annotated[bool, typer.Option("--all", help="Every step: the first file again.")] = False,
    as_json: AS_JSON = False,
) -> None:
    """Take back the last change of a song file.

    Example: hookline undo song.song.json
    """
    _go(song, steps, everything, as_json, back=True)


def redo(
    song: SONG,
    steps: STEPS = 1,
    everything: Annotated[bool, typer.Option("--all", help="Every step that was undone.")] = False,
    as_json: AS_JSON = False,
) -> None:
    """Do again what was undone last.

    Example: hookline redo song.song.json
    """
    _go(song, steps, everything, as_json, back=False)


def _go(song: SONG, steps: int, everything: bool, as_json: bool, *, back: bool) -> None:
    from engine import bench
    from engine.bench.words import diff

    if steps < 1:
        raise UsageError(f"{steps} steps: expected 1 or more")
    before = after = bench.load(song)
    there = before.past if back else before.future
    count = len(there) if everything else steps
    if not there or count > len(there):
        what = "undo" if back else "do again"
        raise UsageError(f"there is nothing to {what}" if not there else f"there are {len(there)} steps to {what}")
    did = []
    for _ in range(count):
        did.append((after.past if back else after.future)[-1].did)
        after = (bench.undo if back else bench.redo)(after)
    written = keep(after, song, [])
    lines = diff(before, after)
    for line in (*(f"{'undone' if back else 'done again'}: {step}" for step in did), *(f"  {line}" for line in lines)):
        tell(line)
    if as_json:
        show(json.dumps(facts(after, tuple(did), lines, (), written), indent=1))
