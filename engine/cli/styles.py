"""``hookline styles``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.cli import complete, show, tell

_LONGEST = 60  # letters of a value

app = typer.Typer(
    no_args_is_help=True, help="List, show, compare, begin and check styles.\n\nExample: hookline styles list"
)


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
        width = max(map(len, found))
        show("\n".join(f"{name:<{width}}  {about}" for name, about in found.items()))


@app.command("show")
def show_style(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A style's name, or a path.", autocompletion=complete.styles)
    ],
    resolved: Annotated[
        bool, typer.Option("--resolved", help="With all that it takes over, and every rule's weight.")
    ] = False,
) -> None:
    """Print a style as it is written, or whole.

    Example: hookline styles show punk --resolved
    """
    from engine.style.load import find, load

    load(name)  # refuse what is wrong before showing it
    if not resolved:
        show(find(name).read_text(encoding="utf-8").rstrip())
        return
    import yaml

    from engine.style.load import resolved as merged

    text = yaml.safe_dump(merged(name), sort_keys=False, default_flow_style=None, width=100, allow_unicode=True)
    show(text.rstrip())


@app.command("diff")
def diff_styles(
    first: Annotated[
        str, typer.Argument(metavar="A", help="A style's name, or a path.", autocompletion=complete.styles)
    ],
    second: Annotated[str, typer.Argument(metavar="B", help="Another.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print a list for programs.")] = False,
) -> None:
    """Print what differs between two styles, key by key.

    Example: hookline styles diff rock punk
    """
    from engine.style.compare import differences
    from engine.style.load import load, resolved

    for name in (first, second):
        load(name)
    found = differences(resolved(first), resolved(second))
    if as_json:
        import json

        show(json.dumps([{"key": key, "first": here, "second": there} for key, here, there in found], indent=1))
    elif found:
        width = max(len(item.key) for item in found)
        show("\n".join(f"{key:<{width}}  {_plain(here)} -> {_plain(there)}" for key, here, there in found))


def _plain(value: object) -> str:
    text = "nothing" if value is None else ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


@app.command("new")
def new_style(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call it; NAME.yaml is written.")],
    extends: Annotated[
        str,
        typer.Option(metavar="STYLE", help="The style to build on: a name, or a path.", autocompletion=complete.styles),
    ] = "rock",
) -> None:
    """Begin a style: write a short file with a remark on every line.

    Example: hookline styles new dusk --extends ballad
    """
    from engine.errors import UsageError
    from engine.files import write_whole
    from engine.style import load
    from engine.style.template import SCHEMA_FILE, template

    load(extends)
    path = Path(name if name.endswith(".yaml") else f"{name}.yaml")
    if path.exists():
        raise UsageError(f"{path} is there already", "take another name, or remove it first")
    write_whole({str(path): template(path.stem, extends).encode()})
    tell(f"{path} is written. Completion in your editor: hookline styles schema -o {SCHEMA_FILE}")


@app.command("schema")
def style_schema(
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="FILE", help="Where to; - is standard output.")
    ] = "-",
) -> None:
    """Print the JSON Schema of style files, for completion and help in an editor.

    Example: hookline styles schema -o hookline-style.schema.json
    """
    import json

    from engine.files import write_whole
    from engine.style.schema import schema

    write_whole({output: (json.dumps(schema(), indent=1, ensure_ascii=False) + "\n").encode()})


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
