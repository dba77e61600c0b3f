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
def check_grammar(file: Annotated[Path, typer.Argument(help="A grammar file.")]) -> None:
    """Check a grammar file and tell all its problems, with line, column and caret.

    Example: hookline grammars check grammars/rock-form.grammar
    """
    from engine.errors import GrammarError
    from engine.grammar import check_file

    problems = check_file(file)
    if problems:
        raise GrammarError("\n".join(str(problem) for problem in problems))
    show(f"{file}: a good grammar")
