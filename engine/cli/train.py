"""``hookline train``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from engine.cli import show, tell


def train(
    style: Annotated[str, typer.Argument(metavar="STYLE", help="The style whose models are fitted.")],
    data: Annotated[Path, typer.Option(metavar="DIR", help="The folder of corpora (the one that holds rs200).")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help="Where to; else the package.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report for programs.")] = False,
) -> None:
    """Fit the models of a style to the corpora and report how well they predict songs they did not see.

    Example: hookline train rock --data ../shared/data -o models
    """
    from engine.train.run import table_of, train_style

    scores = train_style(style, data, output, tell)
    show(json.dumps([score._asdict() for score in scores], indent=1) if as_json else table_of(scores))
