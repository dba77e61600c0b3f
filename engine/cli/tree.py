"""``hookline tree``."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from engine.cli import show
from engine.cli.plot import checked, write
from engine.cli.worked import SONG


def tree(
    song: SONG,
    output: Annotated[
        list[str] | None, typer.Option("-o", "--output", metavar="FILE", help="Draw it: .svg or .png; may be repeated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it for programs.")] = False,
) -> None:
    """Show how form and chords of a song were derived, and which parts are shared.

    Example: hookline tree song.song.json -o tree.svg
    """
    checked(output or [])
    from engine import bench
    from engine.explain.derivation import facts, text

    told = bench.load(song).song
    if output:
        from engine.explain.treepicture import tree_svg

        write(tree_svg(told), output)
    if as_json:
        show(json.dumps(facts(told), indent=1))
    elif not output:
        show(text(told))
