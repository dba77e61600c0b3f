"""``hookline batch``."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from engine.cli import show, tell
from engine.cli.complete import STYLE
from engine.errors import UsageError

MOST = 1_000_000  # songs
_SHOWN = 8  # songs that cannot be made, told one by one


def batch(
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="DIR", help="A folder, or a store's address (s3://bucket/songs).")
    ],
    count: Annotated[int, typer.Option(metavar="N", help="How many songs.")],
    style: STYLE = "rock",
    seed: Annotated[int, typer.Option(metavar="N", help="The first song's; the next one has the next.")] = 1,
    formats: Annotated[
        str, typer.Option(metavar="LIST", help="Of mid, song (.song.json), txt, musicxml, abc, cho, pdf, svg.")
    ] = "mid,song",
    loop_bars: Annotated[
        int | None, typer.Option(metavar="N", help="Make loops of so many bars, one section each, not songs.")
    ] = None,
    jobs: Annotated[int, typer.Option(metavar="N", help="Processes; 0 for one a core.")] = 0,
    cluster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler, such as tcp://10.0.0.5:8786.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done for programs.")] = False,
) -> None:
    """Make many songs, or loops, and a manifest that tells what each is (manifest.jsonl, a line a song).

    A run that was stopped goes on where it was when started again; songs that are there are not made twice.

    Example: hookline batch --style rock --count 20 --seed 1 -o out
    """
    if not 1 <= count <= MOST:
        raise UsageError(f"--count {count}: expected 1 to {MOST:,}")
    if jobs < 0:
        raise UsageError(f"--jobs {jobs}: expected 0 or more")
    from engine.batch import Order
    from engine.batch import batch as make
    from engine.cli.progress import Progress

    order = Order(style, tuple(dict.fromkeys(filter(None, map(str.strip, formats.split(","))))), loop_bars)
    seeds = range(seed, seed + count)
    workers = jobs or os.cpu_count() or 1
    try:
        done = make(seeds, output, order, jobs=workers, cluster=cluster or "", step=Progress("songs"))
    except KeyboardInterrupt:
        tell("stopped; the same command goes on from here")
        raise typer.Exit(130) from None
    for number, reason in done.failed[:_SHOWN]:
        tell(f"seed {number}: {reason}")
    if len(done.failed) > _SHOWN:
        tell(f"... and {len(done.failed) - _SHOWN:,} more")
    if as_json:
        import json

        failed = [{"seed": number, "reason": reason} for number, reason in done.failed]
        show(json.dumps({"made": done.made, "kept": done.kept, "failed": failed, "manifest": done.manifest}, indent=1))
    else:
        there = f", {done.kept:,} were there" if done.kept else ""
        show(f"{done.made:,} made{there}: {done.manifest}")
    if done.failed:
        raise typer.Exit(1)
