"""YAML as a tree that remembers where everything stood.

Only the part of YAML that a style needs: mappings, lists and single values. A file is read as a
stream of events, so nothing is built before its size and depth are known; anchors and aliases (which
can make a few lines explode), tags and a key given twice are refused. Plain whole numbers become
``int``; everything else stays the text that was written, so ``3:00`` and ``no`` mean what they say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from engine.errors import StyleError

MOST_BYTES = 64 * 1024
MOST_DEPTH = 8

_WHOLE = re.compile(r"[-+]?[0-9]{1,9}")
# The C reader is ten times faster; PyYAML without it still works.
_READER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Node:
    """A value (dict of nodes by key, list of nodes, str, int or None) and where it was written."""

    value: dict[str, Node] | list[Node] | str | int | None
    where: str = ""
    quoted: bool = field(default=False, compare=False)

    def plain(self) -> Any:
        """Return the value without its places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


def read(data: bytes, name: str) -> Node:
    """Return the tree of a YAML document; raises StyleError naming file and line."""
    if len(data) > MOST_BYTES:
        raise StyleError(
            f"{name}: {len(data)} bytes, expected at most {MOST_BYTES}", "a style is a page or two of YAML"
        )
    try:
        events = yaml.parse(data, Loader=_READER)
        return _document(events, name)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise StyleError(f"{name}:{line}: {error.problem or error.context}", "mend the YAML there") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0]
        raise StyleError(f"{name}: cannot be read as YAML: {reason}", "save it as UTF-8 text") from error


def _document(events: Iterator[Any], name: str) -> Node:
    root: Node | None = None
    open_nodes: list[tuple[Node, list[Node]]] = []  # a mapping or list, and its waiting key
    for event in events:
        where = f"{name}:{event.start_mark.line + 1}" if event.start_mark else name
        if isinstance(event, yaml.DocumentStartEvent) and root is not None:
            raise StyleError(f"{where}: a second document, expected one")
        if isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            open_nodes.pop()
        if not isinstance(event, yaml.NodeEvent):
            continue
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise StyleError(f"{where}: anchors and aliases (& and *) are not used in styles", "write the value out")
        tag = getattr(event, "tag", None)
        if tag is not None and tag != "!":
            raise StyleError(f'{where}: the tag "{tag}" is not used in styles', "leave it out")
        node = _node(event, where)
        if root is None:
            root = node
        elif open_nodes:
            _put(open_nodes[-1], node)
        if isinstance(node.value, (dict, list)):
            open_nodes.append((node, []))
            if len(open_nodes) > MOST_DEPTH:
                raise StyleError(f"{where}: nested deeper than {MOST_DEPTH}")
    return root if root is not None else Node({}, f"{name}:1")


def _node(event: Any, where: str) -> Node:
    if isinstance(event, yaml.MappingStartEvent):
        return Node({}, where)
    if isinstance(event, yaml.SequenceStartEvent):
        return Node([], where)
    text: str = event.value
    if event.style in ("'", '"', "|", ">"):
        return Node(text, where, quoted=True)
    if text in ("", "~", "null"):
        return Node(None, where)
    return Node(int(text) if _WHOLE.fullmatch(text) else text, where)


def _put(place: tuple[Node, list[Node]], node: Node) -> None:
    parent, waiting = place
    if isinstance(parent.value, list):
        parent.value.append(node)
    elif isinstance(parent.value, dict):
        if not waiting:
            if isinstance(node.value, (dict, list)):
                raise StyleError(f"{node.where}: a key must be a single word")
            waiting.append(node)
            return
        key = waiting.pop()
        text = "" if key.value is None else str(key.value)
        if text in parent.value:
            raise StyleError(f'{key.where}: "{text}" is given twice', f"first at {parent.value[text].where}")
        parent.value[text] = Node(node.value, key.where, node.quoted)


# Mappings of weights, which mean something only beside one another: by path, * for any key.
WHOLE = frozenset({("keys",), ("modes",), ("drummers",), ("bars", "*")})


def merge(parent: Node, child: Node, path: tuple[str, ...] = ()) -> Node:
    """Return ``parent`` with ``child`` laid over it.

    Mappings merge by key; everything else, and what is in ``WHOLE``, replaces; an empty value (``~``) takes a key away.
    """
    if not isinstance(parent.value, dict) or not isinstance(child.value, dict):
        return child
    whole = path in WHOLE or (*path[:-1], "*") in WHOLE
    merged = {} if whole else dict(parent.value)
    for key, node in child.value.items():
        if node.value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(merged[key], node, (*path, key)) if key in merged else node
    return Node(merged, child.where)
