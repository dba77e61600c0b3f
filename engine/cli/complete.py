"""What the shell may fill in: styles, and the places of the song that a command names."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer


def styles(incomplete: str) -> list[str]:
    """Return the packaged styles that begin so."""
    from engine.files import data_dir

    return sorted(path.stem for path in data_dir("styles").glob(f"{incomplete}*.yaml"))


STYLE = Annotated[
    str, typer.Option(metavar="NAME", help="A style's name, or a path to a YAML file.", autocompletion=styles)
]


def places(incomplete: str) -> list[str]:
    """Return places of the song that begin so: parts and sections, and after a section its parts."""
    sections, layers = _song()
    heads = _heads(sections)
    found = [*layers, *heads, *(f"{head}/{layer}" for head in ("*", *heads) for layer in layers)]
    short = [place for place in found if place.count("/") <= incomplete.count("/")]
    return [place for place in short if place.startswith(incomplete)]


def values(incomplete: str) -> list[str]:
    """Return sections of the song, and kinds of them, that begin so, ready to be given a value."""
    return [f"{head}=" for head in _heads(_song()[0]) if head.startswith(incomplete)]


def single(incomplete: str) -> list[str]:
    """Return the sections of the song, by their numbers, that begin so."""
    return [section["name"] for section in _song()[0] if section["name"].startswith(incomplete)]


def parts(incomplete: str) -> list[str]:
    """Return parts of sections of the song that begin so."""
    own, layers = _song()
    names = [f"{head}/{layer}" for head in _heads(own) for layer in layers if layer not in _PLANS]
    return [name for name in names if name.startswith(incomplete)]


_PLANS = ("chords", "phrases", "groove")


def _heads(own: list[dict[str, str]]) -> list[str]:
    return list(dict.fromkeys(section[name] for name in ("kind", "material", "name") for section in own))


def _song() -> tuple[list[dict[str, str]], list[str]]:
    """Return the sections of the song named on the line, and its parts and layers; nothing where it cannot be read."""
    # Words come by the environment: an option that waits for its value hides those before it from typer.
    line = os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS", "")
    path = next((word for word in line.split() if word.endswith(".json")), "")
    try:
        song = json.loads(Path(path).read_bytes())
        found = [{name: section[name] for name in ("name", "kind", "material")} for section in song["sections"]]
        return found, [*(part["name"] for part in song["parts"]), *_PLANS]
    except (OSError, ValueError, KeyError, TypeError):
        return [], []
