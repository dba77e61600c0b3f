from __future__ import annotations

import json

import numpy as np
import pytest

from engine.errors import CorpusError, EngineError
from engine.measure.against import load_real
from engine.measure.drums import drum_measures
from engine.measure.measures import measure
from engine.measure.real import groove_pieces, rs200_pieces
from engine.measure.reference import Group, load_reference, quartiles
from engine.measure.report import as_json, compare, share_inside, table
from engine.measure.twosample import two_sample

GROUP = Group("song", "made up", {"CC": (4, 5, 7), "CHE": (1, 1.5, 2)})


def test_quartiles_pass_over_what_is_missing():
    assert quartiles([1, 2, 3, 4, 5, np.nan]) == (2, 3, 4)


def test_a_median_in_the_box_is_marked():
    rows = compare([{"CC": value} for value in (3, 5, 6)], [GROUP])
    assert [(row.measure, row.inside, row.songs) for row in rows] == [("CC", True, 3)]
    assert rows[0].within == pytest.approx(2 / 3)


def test_boxes_overlap_by_what_they_share():
    (row,) = compare([{"CHE": value} for value in np.linspace(1, 2, 5) + 0.5], [GROUP])
    assert row.ours == (1.75, 2.0, 2.25)
    assert row.overlap == pytest.approx(0.25 / 1.25)


def test_a_measure_of_two_groups_counts_once():
    other = Group("band", "made up", {"CC": (40, 50, 70)})
    rows = compare([{"CC": 5}], [GROUP, other])
    assert share_inside(rows) == 1


def test_the_table_says_where_a_median_lies():
    rows = compare([{"CC": 9, "CHE": 0.5}], [GROUP])
    text = table(rows, [GROUP], [], 1)
    assert "HIGH" in text and "low" in text and "0 of 2 measures" in text


def test_the_report_is_json_even_with_missing_values():
    assert json.loads(as_json(compare([{"CC": 5}], [GROUP]), [], 1))["inside"] == 1


def test_the_packaged_reference_has_three_groups():
    assert [(group.name, len(group.measures)) for group in load_reference()] == [
        ("song", 53),
        ("band", 22),
        ("groove", 7),
    ]


def test_a_reference_that_is_none_is_refused(tmp_path):
    path = tmp_path / "wrong.json"
    path.write_text('{"groups": [{"name": 1}]}')
    with pytest.raises(CorpusError, match="no reference of measures"):
        load_real(path)


def test_a_folder_without_songs_is_refused(tmp_path):
    with pytest.raises(CorpusError, match="neither"):
        load_real(tmp_path)


def rows_of(count, mean, seed):
    chance = np.random.default_rng(seed)
    return [{"a": chance.normal(mean), "b": chance.normal()} for _ in range(count)]


def test_the_same_kind_of_songs_cannot_be_told_apart():
    pytest.importorskip("sklearn")
    verdict = two_sample("x", "y", rows_of(200, 0, 1), rows_of(200, 0, 2), ("a", "b"))
    assert 0.4 < verdict.auc < 0.6


def test_what_gives_songs_away_is_named():
    pytest.importorskip("sklearn")
    verdict = two_sample("x", "y", rows_of(50, 4, 1), rows_of(50, 0, 2), ("a", "b", "never"))
    assert verdict.auc > 0.95
    assert verdict.features[0].name == "a" and verdict.features[0].weight > 0


def test_a_forest_sees_spread_where_a_regression_sees_nothing():
    pytest.importorskip("sklearn")
    chance = np.random.default_rng(3)
    narrow, wide = ([{"a": chance.normal(0, width), "b": chance.normal()} for _ in range(150)] for width in (0.2, 2))
    verdict = two_sample("x", "y", narrow, wide, ("a", "b"))
    assert verdict.auc < 0.65 < 0.85 < verdict.forest
    assert verdict.forest_features[0][0] == "a"


def test_spread_is_the_width_of_our_box_over_theirs():
    (row,) = compare([{"CHE": value} for value in (1, 1.5, 2, 2.5, 3)], [GROUP])
    assert row.spread == 1


def test_a_few_songs_are_too_few():
    with pytest.raises(EngineError, match="too few"):
        two_sample("x", "y", rows_of(3, 0, 1), rows_of(50, 0, 2), ("a", "b"))


def test_real_songs_lie_inside_the_published_quartiles(corpora):
    group = load_reference()[0]
    rows = compare([measure(piece) for piece in rs200_pieces(corpora)[::3]], [group])
    assert [row.measure for row in rows if not row.inside] == []


def test_real_drumming_gives_the_published_quartiles(corpora):
    group = load_reference()[2]
    rows = compare([drum_measures(piece) for piece in groove_pieces(corpora)], [group])
    assert [row.measure for row in rows if row.ours[1] != pytest.approx(row.real[1], rel=0.05)] == []
