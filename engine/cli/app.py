"""All commands, one small file a group."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.cli import chart, compose, evaluate, grammars, show, styles, train
from engine.version import __version__

# No rich help and no completion: both cost more at every start than the rest of the command line.
PLAIN = {"add_completion": False, "rich_markup_mode": None, "pretty_exceptions_enable": False}

app = typer.Typer(no_args_is_help=True, context_settings={"help_option_names": ["-h", "--help"]}, **PLAIN)  # type: ignore[arg-type]


def _version(wanted: bool) -> None:
    if wanted:
        show(f"hookline {__version__}")
        raise typer.Exit


@app.callback()
def hookline(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Compose whole rock songs from a seed, a grammar and models learnt from real music.

    Example: hookline compose --seed 7 -o song.mid
    """


app.command()(compose.compose)
app.command()(chart.chart)
app.add_typer(styles.app, name="styles")
app.add_typer(grammars.app, name="grammars")
app.command()(train.train)
app.command()(evaluate.evaluate)
