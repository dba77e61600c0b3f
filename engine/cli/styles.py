"""``hookline styles``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.cli import show

app = typer.Typer(no_args_is_help=True, help="List, show and check styles.\n\nExample: hookline styles list")


@app.command("list")
def list_styles(
    as_json: Annotated[bool, typer.Option("--json", help="Print a list for programs.")] = False,
) -> None:
    """List the packaged styles.

    Example: hookline styles list
    """
    from engine.style import load, names

    found = {name: load(name).about for name in names()}
    if as_json:
        import json

        show(json.dumps([{"name": name, "about": about} for name, about in found.items()], indent=1))
    else:
        show("\n".join(f"{name:<8} {about}" for name, about in found.items()))


@app.command("show")
def show_style(name: Annotated[str, typer.Argument(metavar="NAME", help="A style's name, or a path.")]) -> None:
    """Print a style whole: what it says, what it takes over, and every rule's weight, as YAML.

    Example: hookline styles show punk
    """
    import yaml

    from engine.style import load
    from engine.style.load import resolved

    load(name)  # refuse what is wrong before showing it
    text = yaml.safe_dump(resolved(name), sort_keys=False, default_flow_style=None, width=100, allow_unicode=True)
    show(text.rstrip())


@app.command("check")
def check_style(file: Annotated[Path, typer.Argument(metavar="FILE", help="A style file.")]) -> None:
    """Check a style file, and the grammars it names, and tell all problems.

    Example: hookline styles check my.yaml
    """
    from engine.grammar import load_grammar
    from engine.style.load import load_file

    style = load_file(file)
    for grammar in (style.form, style.harmony, style.phrases):
        load_grammar(grammar, style.models)
    show(f"{file}: a good style ({style.about})")
