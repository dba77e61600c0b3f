"""``hookline diff``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from engine.cli import show
from engine.cli.worked import AS_JSON

FILE = "A .song.json file."


def diff(
    one: Annotated[Path, typer.Argument(metavar="SONG", help=FILE)],
    other: Annotated[Path, typer.Argument(metavar="OTHER", help=FILE)],
    as_json: AS_JSON = False,
) -> None:
    """Tell in musical words what another song file has otherwise; nothing where they are the same.

    Example: hookline diff song.song.json other.song.json
    """
    from engine import bench

    lines = bench.diff(bench.load(one), bench.load(other))
    if as_json:
        show(json.dumps({"changes": lines}, indent=1))
    elif lines:
        show("\n".join(lines))
