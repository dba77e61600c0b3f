"""``hookline novelty``."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from engine.cli import show
from engine.cli.worked import SONG


def novelty(
    song: SONG,
    as_json: Annotated[bool, typer.Option("--json", help="Print it for programs.")] = False,
) -> None:
    """Tell the longest run that the melody shares with a known one, and how much real songs share.

    Example: hookline novelty song.song.json
    """
    from engine import bench
    from engine.explain.nearest import novelty_report, told

    report = novelty_report(bench.load(song).song)
    if as_json:
        facts = {**report._asdict(), "pairs": report.pairs._asdict(), "nearest": report.nearest._asdict()}
        show(json.dumps(facts, indent=1))
    else:
        show(told(report))
