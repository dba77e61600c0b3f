"""``hookline schema``."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.cli import show
from engine.errors import UsageError, nearest

KNOWN = ("song", "style")


def schema(
    what: Annotated[
        str,
        typer.Argument(
            metavar="song|style",
            help="Whose: that of song files or of styles.",
            autocompletion=lambda incomplete: [name for name in KNOWN if name.startswith(incomplete)],
        ),
    ],
) -> None:
    """Print the JSON Schema of song files or of styles.

    Example: hookline schema song
    """
    if what not in KNOWN:
        raise UsageError(f'"{what}" has no schema', nearest(what, KNOWN))
    if what == "song":
        from importlib.resources import files

        show((files("engine.export") / "song.schema.json").read_text(encoding="utf-8").rstrip())
        return
    import json

    from engine.style.schema import schema as of_styles

    show(json.dumps(of_styles(), indent=1, ensure_ascii=False))
