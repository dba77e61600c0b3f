"""``hookline grammars``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.cli import show

app = typer.Typer(no_args_is_help=True, help="Check grammars.\n\nExample: hookline grammars check my.grammar")


@app.callback()
def grammars() -> None:
    """Check grammars.

    Example: hookline grammars check my.grammar
    """


@app.command("check")
def check_grammar(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A grammar file, or a packaged name.")],
) -> None:
    """Check a grammar file and tell all its problems, with line, column and caret.

    Example: hookline grammars check grammars/rock-form.grammar
    """
    from engine.grammar import load_grammar

    load_grammar(file if file.exists() else str(file))
    show(f"{file}: a good grammar")
