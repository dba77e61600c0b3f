"""Reading YAML: what is refused before anything is built, and how styles merge."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import StyleError
from engine.style.tree import MOST_BYTES, merge, read


def plain(text):
    return read(text.encode(), "x.yaml").plain()


def test_whole_numbers_are_numbers_and_all_else_is_text():
    assert plain("a: 12\nb: '12'\nc: 3:00\nd: no\ne: 1.5\nf: ~\ng: -3\n") == {
        "a": 12,
        "b": "12",
        "c": "3:00",
        "d": "no",
        "e": "1.5",
        "f": None,
        "g": -3,
    }


def test_lists_and_mappings_nest():
    assert plain("a: [1, {b: [2]}]\nc:\n  - d\n") == {"a": [1, {"b": [2]}], "c": ["d"]}


def test_every_value_knows_its_line():
    assert read(b"a: 1\nb:\n  c: 2\n", "x.yaml").value["b"].value["c"].where == "x.yaml:3"


def test_an_empty_file_is_an_empty_mapping():
    assert plain("") == {}


BOMB = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefghi", "bcdefghij", strict=True))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, "x.yaml:1: anchors and aliases"),
        ("a: *b", "x.yaml:1: anchors and aliases"),
        ("a: 1\nb: !!python/object:os.system x", 'x.yaml:2: the tag "tag:yaml.org,2002:python/object:os.system"'),
        ("a: 1\nb: 2\na: 3", 'x.yaml:3: "a" is given twice'),
        ("a: [1, 2", "x.yaml:2: did not find"),
        ("a: 1\n\tb: 2", "x.yaml:2: "),
        ("[" * 9, "x.yaml:1: nested deeper than 8"),
        ("[" * 20_000, "x.yaml:1: "),
        ("? [a]\n: 1", "x.yaml:1: a key must be a single word"),
        ("a: 1\n---\nb: 1", "x.yaml:2: a second document"),
        ("#" * (MOST_BYTES + 1), "x.yaml: 65537 bytes, expected at most 65536"),
        ("a: \0", "x.yaml: cannot be read as YAML"),
    ],
)
def test_what_a_style_does_not_need_is_refused_with_its_line(text, message):
    with pytest.raises(StyleError) as caught:
        plain(text)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(StyleError, match="x"):
        read(b"a: \xff\xfe\xfa", "x.yaml")


@given(st.binary(max_size=60))
def test_any_bytes_give_a_tree_or_a_style_error(data):
    with contextlib.suppress(StyleError):
        read(data, "x.yaml")


@pytest.mark.parametrize(
    ("parent", "child", "merged"),
    [
        ("a: 1\nb: 2", "b: 3", {"a": 1, "b": 3}),
        ("a: {x: 1, y: 2}", "a: {y: 3, z: 4}", {"a": {"x": 1, "y": 3, "z": 4}}),
        ("a: [1, 2]", "a: [3]", {"a": [3]}),
        ("a: {x: 1}", "a: 5", {"a": 5}),
        ("a: {x: 1, y: 2}", "a: {x: ~}", {"a": {"y": 2}}),
        ("a: 1", "b: ~", {"a": 1}),
    ],
)
def test_mappings_merge_by_key_and_all_else_replaces(parent, child, merged):
    assert merge(read(parent.encode(), "p"), read(child.encode(), "c")).plain() == merged
