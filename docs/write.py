"""Write what the documents say in the program's own words.

docs/cli.md, the rules in docs/style-format.md, the song in README.md and its picture docs/song.svg.

python docs/write.py
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command
from typer.testing import CliRunner

import engine
from engine.cli.app import app_for
from engine.cli.compose import summary
from engine.picture.pianoroll import roll_svg
from engine.picture.roll import song_roll
from engine.style.rules import RULES
from engine.style.schema import schema

DOCS = Path(__file__).resolve().parent
SEED = 17  # of the song in the README
HEAD = """# The command line

<!-- Written by docs/write.py from the program's own help; a test compares them. -->

Standard output carries results, standard error the rest. Exit status: 0 done, 1 a failure, 2 wrong usage; either
way one line says why. Files are written whole or not at all.
"""


def commands() -> Iterator[tuple[str, ...]]:
    """Yield the words of every command, groups before what they hold."""
    waiting: list[tuple[tuple[str, ...], object]] = [((), get_command(app_for()))]
    while waiting:
        words, command = waiting.pop(0)
        yield words
        below = getattr(command, "commands", {})
        waiting = [((*words, name), child) for name, child in below.items()] + waiting


def cli() -> str:
    """Return docs/cli.md."""
    runner = CliRunner()
    parts = [HEAD]
    for words in commands():
        shown = runner.invoke(app_for(), [*words, "--help"], prog_name="hookline", env={"COLUMNS": "80"}).stdout.strip()
        lines = "\n".join(line.rstrip() for line in shown.splitlines())
        parts.append(f"## {' '.join(('hookline', *words))}\n\n```text\n{lines}\n```\n")
    return "\n".join(parts)


def style_format() -> str:
    """Return docs/style-format.md with its table of rules as the program has them."""
    rows = ["| Rule | Default | Range | Meaning |", "|---|---|---|---|"]
    rows += [
        f"| `{name}` | {rule.default} | {rule.low} to {rule.high} | {rule.about} |"
        for name, rule in sorted(RULES.items())
    ]
    text = (DOCS / "style-format.md").read_text(encoding="utf-8")
    keys = "<!-- keys: written by docs/write.py -->\n\n" + "\n".join(key_rows()) + "\n\nKinds of section"
    text = re.sub(r"<!-- keys.*?\nKinds of section", lambda _: keys, text, count=1, flags=re.S)
    table = "<!-- rules: written by docs/write.py -->\n\n" + "\n".join(rows) + "\n\n## YAML"
    return re.sub(r"<!-- rules.*?\n## YAML", lambda _: table, text, count=1, flags=re.S)


def key_rows() -> list[str]:
    """Return the table of a style's keys, as the checks have them."""
    rows = ["| Key | Value | Meaning |", "|---|---|---|"]
    waiting = list(schema()["properties"].items())
    while waiting:
        key, value = waiting.pop(0)
        kind = value["anyOf"][0] if "anyOf" in value else value
        if about := value.get("description"):
            rows.append(f"| `{key}` | {'by name: whole number' if key == 'rules' else value_of(kind)} | {about} |")
        below = kind.get("properties", {})
        if key == "parts":
            below = {"PART": below["rhythm"]}
        if key not in ("rules", "keys", "modes") and any(
            "description" in item or key == "parts" for item in below.values()
        ):
            waiting = [(f"{key}.{name}", item) for name, item in below.items()] + waiting
    return rows


def value_of(kind: dict[str, Any]) -> str:
    """Return what a value may be, in words, from its JSON Schema; of several ways the first."""
    if "anyOf" in kind:
        return value_of(kind["anyOf"][0])
    if "enum" in kind:
        names = [f"`{name}`" for name in kind["enum"]]
        return ", ".join(names) if len(names) < 5 else "a General MIDI name" if len(names) > 20 else "a name"
    if kind.get("type") == "integer":
        return f"{kind['minimum']} to {kind['maximum']}"
    if kind.get("type") == "array":
        return f"list of {kind.get('minItems', 'any number')}: {value_of(kind['items'])}"
    if kind.get("type") == "object":
        inner = list(kind.get("properties", {}).values())
        plain = [item for item in inner if "description" not in item]
        return f"by name: {value_of(plain[0]['anyOf'][0])}" if plain and "anyOf" in plain[0] else "keys, see below"
    pattern = kind.get("pattern", "")
    return {"^[0-9]{1,2}:": "time, such as 2:40", "^[A-G": "pitch, such as E2"}.get(
        next((head for head in ("^[0-9]{1,2}:", "^[A-G") if pattern.startswith(head)), ""), "text"
    )


def readme() -> str:
    """Return README.md with the summary of its song as the program prints it."""
    shown = summary(engine.compose(seed=SEED))
    text = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    return re.sub(r"(?<=```text\n)rock, .*?\n(?=```)", lambda _: f"{shown}\n", text, count=1, flags=re.S)


if __name__ == "__main__":
    (DOCS.parent / "README.md").write_text(readme(), encoding="utf-8")
    (DOCS / "song.svg").write_text(roll_svg(song_roll(engine.compose(seed=SEED))), encoding="utf-8")
    (DOCS / "cli.md").write_text(cli(), encoding="utf-8")
    (DOCS / "style-format.md").write_text(style_format(), encoding="utf-8")
