"""Write what the documents say in the program's own words.

docs/cli.md, the rules in docs/style-format.md, the song in README.md and its picture docs/song.svg.

python docs/write.py
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from typer.main import get_command
from typer.testing import CliRunner

import engine
from docs.draw_song import draw
from engine.cli.app import app_for
from engine.cli.compose import summary
from engine.style.rules import RULES

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
    table = "<!-- rules: written by docs/write.py -->\n\n" + "\n".join(rows) + "\n\n## YAML"
    return re.sub(r"<!-- rules.*?\n## YAML", lambda _: table, text, count=1, flags=re.S)


def readme() -> str:
    """Return README.md with the summary of its song as the program prints it."""
    shown = summary(engine.compose(seed=SEED))
    text = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    return re.sub(r"(?<=```text\n)rock, .*?\n(?=```)", lambda _: f"{shown}\n", text, count=1, flags=re.S)


if __name__ == "__main__":
    (DOCS.parent / "README.md").write_text(readme(), encoding="utf-8")
    (DOCS / "song.svg").write_text(draw(engine.compose(seed=SEED)), encoding="utf-8")
    (DOCS / "cli.md").write_text(cli(), encoding="utf-8")
    (DOCS / "style-format.md").write_text(style_format(), encoding="utf-8")
