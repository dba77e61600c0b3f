"""Styles from YAML: found by name or path, merged with what they extend, checked whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine.errors import ModelError, StyleError, UsageError, nearest
from engine.files import data_dir, trained_dir
from engine.song import KINDS, Feel, Steering
from engine.style import tree
from engine.style.checks import Tell, record
from engine.style.fields import GRAMMARS, STYLE
from engine.style.grammars import check_grammars, is_path, weights_in_force, with_rules
from engine.style.model import PartStyle, Style
from engine.style.rules import LATER, RULES
from engine.style.tree import Node

MOST_PARENTS = 8
_ALONE = 8  # keys from which on a style is meant to stand alone


def names() -> tuple[str, ...]:
    """Return the names of the packaged styles."""
    return tuple(sorted(path.stem for path in data_dir("styles").glob("*.yaml")))


def load(name: str) -> Style:
    """Return a style: a packaged one by name, or one from a path that ends in .yaml or has a slash.

    Raises UsageError for a name nobody knows, StyleError with every problem of the file.
    """
    return _packaged(name) if name in names() else load_file(find(name))


@lru_cache(maxsize=32)
def _packaged(name: str) -> Style:
    return load_file(find(name))


def load_file(path: Path) -> Style:
    """Return the style of a file; raises StyleError with every problem of the file."""
    node = _resolved(path, ())
    problems: list[str] = []
    style = _build(path.stem, node, problems)
    if problems:
        count = "" if len(problems) == 1 else f"{len(problems)} problems:\n  "
        raise StyleError(count + "\n  ".join(problems), "the keys are told in docs/style-format.md")
    return style


def find(name: str, beside: Path | None = None) -> Path:
    """Return the file of a style; ``beside`` is the folder that relative paths count from."""
    if name.endswith((".yaml", ".yml")) or "/" in name or "\\" in name:
        return (beside or Path()) / name
    path = data_dir("styles") / f"{name}.yaml"
    if not path.is_file():
        raise UsageError(f'unknown style "{name}"', nearest(name, names()) + " (or give a path that ends in .yaml)")
    return path


def resolved(name: str) -> Any:
    """Return the merged content of a style as plain values, every soft rule included, without checks."""
    content = _resolved(find(name), ()).plain()
    given = content.get("rules") or {}
    content["rules"] = {key: given.get(key, rule.default) for key, rule in sorted(RULES.items())}
    return {key: content[key] for key in STYLE if key in content and key != "extends"}


def _resolved(path: Path, below: tuple[Path, ...]) -> Node:
    place = path.resolve()
    if place in below:
        raise StyleError(f"{path}: extends itself: {' > '.join(p.stem for p in (*below, place))}", "break the circle")
    if len(below) >= MOST_PARENTS:
        raise StyleError(f"{path}: more than {MOST_PARENTS} styles extend one another")
    node = _read(path)
    if not isinstance(node.value, dict):
        raise StyleError(f"{path}: expected keys and values", "see docs/style-format.md")
    _anchor(node.value.get("grammars"), path.parent)
    _anchor_models(node.value, path.parent)
    parent = node.value.get("extends")
    if parent is None:
        return node
    if not isinstance(parent.value, str):
        raise StyleError(f"{parent.where}: extends: expected the name of a style")
    try:
        above = find(parent.value, path.parent)
    except UsageError as error:
        raise StyleError(f"{parent.where}: extends: {error}", error.hint) from error
    return tree.merge(_resolved(above, (*below, place)), node)


def _anchor(grammars: Node | None, folder: Path) -> None:
    # A grammar's path counts from the file that names it, whichever style extends that file.
    if grammars is not None and isinstance(grammars.value, dict):
        for key, node in grammars.value.items():
            if isinstance(node.value, str) and is_path(node.value):
                grammars.value[key] = Node(str(folder / node.value), node.where, node.quoted)


def _anchor_models(value: dict[str, Node], folder: Path) -> None:
    # So does a folder of fitted tables.
    node = value.get("models")
    if node is not None and isinstance(node.value, str) and "/" in node.value:
        value["models"] = Node((folder / node.value).resolve().as_posix(), node.where, node.quoted)


def _read(path: Path) -> Node:
    try:
        with open(path, "rb") as file:
            # One byte more than is allowed shows that there is too much, however much that is.
            data = file.read(tree.MOST_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise StyleError(f"cannot read the style {path}: {reason}", f"packaged styles: {', '.join(names())}") from error
    return tree.read(data, _short(path))


def _short(path: Path) -> str:
    folder = data_dir("styles")
    return f"styles/{path.name}" if path.parent == folder else str(path)


def _build(name: str, node: Node, problems: list[str]) -> Style:
    def tell(at: Node, path: str, what: str) -> None:
        problems.append(f"{at.where}: {path}: {what}")

    if isinstance(node.value, dict) and "extends" not in node.value and len(node.value) < _ALONE:
        tell(node, "extends", 'is missing: name the style to build on, such as "extends: rock"')
        node = tree.merge(_resolved(find("rock"), ()), node)
    value = record(STYLE)(node, "", tell)
    grammars = with_rules(value.get("grammars", {}))
    feel = dict(value.get("feel", {}))
    models = value.get("models", "")
    if models and "/" not in models and not (trained_dir() / models).is_dir():
        known = [p.name for p in trained_dir().iterdir() if p.is_dir()] if trained_dir().is_dir() else []
        assert isinstance(node.value, dict)
        tell(node.value["models"], "models", f'unknown models "{models}", {nearest(models, known)}')
    digest = _check_models(node, models, value.get("models_sha256"), tell) if "/" in models else ""
    if isinstance(node.value, dict) and "grammars" in value and not any(": grammars" in line for line in problems):
        check_grammars(node.value["grammars"], tell)
    for key in ("energy", "players"):
        for kind in KINDS:
            if key in value and kind not in value[key]:
                tell(node, f"{key}.{kind}", "is missing")
    fields: dict[str, Any] = {
        "name": name,
        "about": value.get("about", ""),
        **_tempo(value.get("tempo", (1, 1, 1))),
        "seconds": value.get("length", (1, 1)),
        "keys": value.get("keys", {}),
        "modes": value.get("modes", {}),
        "meter": value.get("meter"),
        "form": grammars.get("form", ""),
        "harmony": grammars.get("harmony", ""),
        "phrases": grammars.get("phrases", ""),
        "models": models,
        "grammar_weights": {} if problems else weights_in_force(grammars),
        "energy": value.get("energy", {}),
        "players": value.get("players", {}),
        "parts": {key: _part(part) for key, part in value.get("parts", {}).items()},
        "rules": value.get("rules", {key: RULES[key].default for key in sorted(RULES)}),
        "time": feel.pop("time", "plain"),
        "feel": Feel(**feel),
        "sources": value.get("sources", ()),
        "steering": _steering(value.get("steering", {})),
        "bars": value.get("bars", {}),
        "scales": value.get("scales", {}),
        "drummers": value.get("drummers", {}),
    }
    # What the tables say counts, not where they lie.
    return Style(**fields, hash=_hash({**fields, "models": digest or models}))


def _check_models(node: Node, folder: str, wanted: str | None, tell: Tell) -> str:
    """Return the fingerprint of a folder of fitted tables; tell where there are none, or others than the style's."""
    from engine.models.tables import fingerprint  # only here: packaged styles need no numpy to be read

    assert isinstance(node.value, dict)
    try:
        found = fingerprint(Path(folder))
    except ModelError as error:
        tell(node.value["models"], "models", str(error))
        return ""
    if wanted and found != wanted:
        tell(node.value["models"], "models", f"{folder} holds other tables than this style was learnt with")
    return found


def _tempo(value: tuple[Any, ...]) -> dict[str, tuple[Any, ...]]:
    if not isinstance(value[0], tuple):
        return {"tempo": value, "tempos": ()}
    common = max(value, key=lambda pair: pair[1])
    return {"tempo": (value[0][0], common[0], value[-1][0]), "tempos": value}


def _part(value: Mapping[str, Any]) -> PartStyle:
    low, high = value.get("range", (0, 127))
    rest = {key: value[key] for key in ("volume", "pan", "tuning") if key in value}
    return PartStyle(value.get("track", ""), value.get("instrument", 0), low, high, **rest)


def _steering(value: Mapping[str, Any]) -> Steering:
    heat = value.get("temperature", {})
    knobs = {key: percent for key, percent in value.items() if key != "temperature"}
    return Steering(**knobs, temperature=tuple(sorted(heat.items())))


def _hash(fields: Mapping[str, Any]) -> str:
    # What the music hangs on, in one canonical text: names and remarks do not count.
    music = {key: value for key, value in fields.items() if key not in ("name", "about", "sources")}
    unused = {"steering": Steering(), "bars": {}, "scales": {}, "drummers": {}, "time": "plain", "tempos": ()}
    for key, plain in unused.items():
        if music[key] == plain:
            del music[key]  # a style that does not use a key is what it was before there was the key
    music["rules"] = {
        name: weight
        for name, weight in music["rules"].items()
        if name not in LATER or weight != RULES[name].default  # nor a rule
    }
    for key in GRAMMARS:
        if "\n" not in music[key] and is_path(music[key]) and Path(music[key]).is_file():
            # What the file says counts, not where it lies.
            music[key] = hashlib.sha256(Path(music[key]).read_bytes()).hexdigest()
    return hashlib.sha256(json.dumps(music, sort_keys=True, default=_plain).encode()).hexdigest()


def _plain(value: Any) -> Any:
    # A style does not say ``force``: steering does.
    names = [name for name in type(value).__dataclass_fields__ if name != "force"]
    return [str(getattr(value, name)) for name in names if name != "tuning" or value.tuning]
