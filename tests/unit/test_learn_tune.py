"""Rules tuned on songs: towards what the folder does, by as much of the way as there are songs to say so."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from engine.learn.facts import GROOVE, SHAPES
from engine.learn.roles import ROLES
from engine.learn.style_text import SONGS, Facts
from engine.learn.tune import AIMS, tuned
from engine.style.rules import RULES

USUAL = {name: rule.default for name, rule in RULES.items()}


def facts(songs: int = 20, bass: float = 4.0, kick: float = 0.1) -> Facts:
    """Facts of songs whose bass has so many notes a bar, and whose kick is so often struck off the half bars."""
    tables = {name: np.zeros(shape, np.int64) for name, shape in SHAPES.items()}
    role = ROLES.index("bass")
    tables["songs"][0] = tables["who"][role] = tables["who"][ROLES.index("drums")] = songs
    tables["bars"][role], tables["notes"][role] = 1000, round(1000 * bass)
    tables["grooved"][0] = 1000
    tables["groove"][GROOVE.index("kick")] = round(1000 * kick)
    return Facts(tables)


def answering(rules: Mapping[str, int]) -> Facts:
    """Songs that do what their rules say, but half as much."""
    return facts(bass=rules["bass.notes"] / 20, kick=rules["drums.kick"] / 4000)


def test_rules_are_found_that_make_songs_alike():
    found = tuned(facts(songs=10_000, bass=6.0, kick=0.03), USUAL, {}, answering)
    assert answering(found).tables["notes"].max() == pytest.approx(6000, rel=0.02)
    assert found["drums.kick"] == pytest.approx(120, rel=0.03)


def test_few_songs_move_a_rule_a_part_of_the_way():
    few, many = (tuned(facts(songs, bass=8.0), USUAL, {}, answering)["bass.notes"] for songs in (SONGS, 10_000))
    assert USUAL["bass.notes"] < few < many
    assert few == pytest.approx((USUAL["bass.notes"] * many) ** 0.5, rel=0.05)


def test_what_nobody_plays_leaves_its_rule_alone():
    assert tuned(facts(), USUAL, {}, answering).keys() <= {
        aim.rule for aim in AIMS if aim.role in ("bass", "drums", "")
    }
    assert tuned(facts(songs=1), USUAL, {"harmony.power": 7}, answering) == {"harmony.power": 7}


def test_no_rule_leaves_its_bounds():
    found = tuned(facts(songs=1000, bass=60.0, kick=1.0), USUAL, {}, answering)
    assert all(RULES[name].low <= weight <= RULES[name].high for name, weight in found.items())
    assert found["bass.notes"] == pytest.approx(RULES["bass.notes"].high, rel=0.02)
