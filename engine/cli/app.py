"""All commands, one small file each (a group of commands is one file too)."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Annotated

import typer

from engine.cli import show
from engine.version import __version__

# Each is engine/cli/NAME.py with a function of that name, or an ``app`` of several commands.
COMMANDS = (
    "compose",
    "reroll",
    "lock",
    "unlock",
    "mute",
    "solo",
    "edit",
    "undo",
    "redo",
    "diff",
    "explain",
    "tree",
    "novelty",
    "melody",
    "vary",
    "accompany",
    "harmonize",
    "open",
    "chart",
    "render",
    "score",
    "plot",
    "page",
    "batch",
    "schema",
    "styles",
    "grammars",
    "learn",
    "train",
    "evaluate",
)
# Commands that live in another's file.
HOMES = {"unlock": "lock", "mute": "lock", "solo": "lock", "redo": "undo"}

# No rich help: it costs more at every start than the rest of the command line.
PLAIN = {"rich_markup_mode": None, "pretty_exceptions_enable": False}


def app_for(words: Sequence[str] = ()) -> typer.Typer:
    """Return the program; where the first word is a command, with that one alone, which starts quicker.

    Completion has no words here, and loads what no command needs.
    """
    known = bool(words) and words[0] in COMMANDS
    app = typer.Typer(
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
        add_completion=not known,
        **PLAIN,  # type: ignore[arg-type]
    )
    app.callback()(hookline)
    for name in words[:1] if known else COMMANDS:
        module = import_module(f"engine.cli.{HOMES.get(name, name)}")
        if hasattr(module, "app"):
            app.add_typer(module.app, name=name)
        else:
            app.command(name)(getattr(module, name))
    return app


def _version(wanted: bool) -> None:
    if wanted:
        show(f"hookline {__version__}")
        raise typer.Exit


def hookline(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Compose whole rock songs from a seed, a grammar and models learnt from real music.

    Example: hookline compose --seed 7 -o song.mid
    """
