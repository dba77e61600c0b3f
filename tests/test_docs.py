"""The documents say what the program does."""

from __future__ import annotations

import importlib
import re
import shlex
from pathlib import Path

import pytest

from engine.style import names
from engine.style.fields import STYLE
from engine.style.rules import RULES

ROOT = Path(__file__).resolve().parent.parent
DOCS = sorted((ROOT / "docs").glob("*.md")) + [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]


@pytest.fixture(scope="module")
def write():
    """The module docs/write.py."""
    return importlib.import_module("docs.write")


def test_the_command_page_is_the_help(write):
    assert write.cli() == (ROOT / "docs" / "cli.md").read_text(encoding="utf-8"), "run: python -m docs.write"


def test_the_table_of_rules_is_the_rules(write):
    assert write.style_format() == (ROOT / "docs" / "style-format.md").read_text(encoding="utf-8"), (
        "run: python -m docs.write"
    )


def test_the_song_of_the_readme_is_that_song(write):
    assert write.readme() == (ROOT / "README.md").read_text(encoding="utf-8"), "run: python -m docs.write"


def test_every_command_has_help_that_ends_in_an_example(write):
    from typer.testing import CliRunner

    runner = CliRunner()
    for words in write.commands():
        text = runner.invoke(write.app_for(), [*words, "--help"], prog_name="hookline").stdout
        about = re.split(r"\n(?:Options|Arguments):", text)[0]
        assert re.search(r"Example: hookline [^\n]+$", " ".join(about.split("\n  ")).strip()), f"{words}: {about}"


def test_every_key_of_a_style_is_told():
    text = (ROOT / "docs" / "style-format.md").read_text(encoding="utf-8")
    for key in STYLE:
        assert f"`{key}" in text, key


def test_every_rule_is_told_in_words():
    for name, rule in RULES.items():
        assert rule.low <= rule.default <= rule.high, name
        assert len(rule.about) > 10, name


def test_every_style_is_in_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in names():
        assert f"`{name}`" in readme


def hookline_lines() -> list[str]:
    """Return every line of every page that calls the program."""
    found = []
    for page in DOCS:
        for block in re.findall(r"```(?:console|sh|shell|bash)\n(.*?)```", page.read_text(encoding="utf-8"), re.S):
            found += [line for line in block.splitlines() if re.search(r"(?:^|[ /])hookline (?!is)", line)]
    return found


@pytest.mark.parametrize("line", hookline_lines())
def test_a_command_in_the_documents_exists_with_its_options(write, line):
    words = shlex.split(line.partition("hookline ")[2].split("&&")[0], comments=True)
    known = {" ".join(words) for words in write.commands()}
    if words[0].startswith("-"):
        return
    command = (
        words[0] if words[0] in known and not any(k.startswith(f"{words[0]} ") for k in known) else " ".join(words[:2])
    )
    assert command in known, line
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    section = page.split(f"## hookline {command}\n")[1].split("\n## ")[0]
    for option in (word for word in words if re.match(r"--?[a-z]", word)):
        assert re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", section), f"{line}: {option}"


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_pages_name_no_machine(page):
    assert not re.search(r"(?<![\w.])/(?:home|root|work|Users)/", page.read_text(encoding="utf-8"))
