"""The grammars a style names, the rules of its own that it lays over them, and the weights it gives to rules."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.errors import GrammarError, nearest
from engine.files import data_dir
from engine.style.checks import Tell
from engine.style.fields import GRAMMARS
from engine.style.tree import Node


def is_path(name: str) -> bool:
    """Return whether a grammar is named by a path."""
    return "/" in name or name.endswith(".grammar")


def with_rules(grammars: Mapping[str, Any]) -> dict[str, Any]:
    """Return the grammars by name; one with rules of the style's own is its lines, under an import of the one named."""
    found = dict(grammars)
    for key, text in grammars.get("rules", {}).items():
        name = str(grammars.get(key, ""))
        found[key] = f"import {json.dumps(name)}\n{text}"
    return found


def check_grammars(grammars: Node, tell: Tell) -> None:
    """Tell of grammars that are not there, and of weights for rules that they do not have."""
    assert isinstance(grammars.value, dict)
    packaged = sorted(path.stem for path in data_dir("grammars").glob("*.grammar"))
    for key in GRAMMARS:
        node = grammars.value[key]
        name = str(node.value)
        if not (Path(name).is_file() if is_path(name) else name in packaged):
            tell(node, f"grammars.{key}", f'unknown grammar "{name}", {nearest(name, packaged)}')
            return
    _check_rules(grammars.value, tell)
    weights = grammars.value.get("weights")
    if weights is None or not isinstance(weights.value, dict) or not weights.value:
        return
    from engine.grammar import load_grammar  # only here: most styles weigh no rules

    names = with_rules(grammars.plain())
    try:
        known = {f"{key}.{label}" for key in GRAMMARS for label in load_grammar(str(names[key])).labels}
    except GrammarError:
        return  # told already
    # A rule that the style's own took the place of may still be weighed by what it extends.
    known |= {f"{key}.{label}" for key in GRAMMARS for label in load_grammar(str(grammars.value[key].value)).labels}
    for label, node in weights.value.items():
        if label not in known:
            close = difflib.get_close_matches(label, known, n=1)
            tell(node, f"grammars.weights.{label}", "unknown rule" + (f', did you mean "{close[0]}"?' if close else ""))


def weights_in_force(grammars: Mapping[str, Any]) -> dict[str, int]:
    """Return the percents of rules, but for those that rules of the style's own took the place of."""
    found: dict[str, int] = dict(grammars.get("weights", {}))
    for key in grammars.get("rules", {}):
        from engine.grammar import load_grammar  # only here: it loads the parser

        labels = load_grammar(grammars[key]).labels
        gone = [name for name in found if name.startswith(f"{key}.") and name.partition(".")[2] not in labels]
        for name in gone:
            del found[name]
    return found


def _check_rules(grammars: Mapping[str, Node], tell: Tell) -> None:
    """Tell of a style's own rules that are no sound grammar."""
    rules = grammars.get("rules")
    if rules is None or not isinstance(rules.value, dict):
        return
    from engine.grammar import load_grammar  # only here: it loads the parser

    names = with_rules({key: node.plain() for key, node in grammars.items()})
    for key, node in rules.value.items():
        try:
            load_grammar(names[key])
        except GrammarError as error:
            tell(node, f"grammars.rules.{key}", _in_file(str(error), node.where).replace("\n", "\n    "))


def _in_file(problems: str, where: str) -> str:
    """Return problems of rules that stand in a style, with their lines in its file; where: of the key before them."""
    path, _, line = where.rpartition(":")
    return re.sub(r"(?m)^rules:([0-9]+):[0-9]+:", lambda found: f"{path}:{int(line) + int(found[1])}:", problems)
