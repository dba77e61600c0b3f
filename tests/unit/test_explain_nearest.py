"""How near a melody comes to a known one, and how near real songs come to one another."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from fakes import small_song

from engine.explain.nearest import Spread, novelty_report, told
from engine.models import novelty, tables
from engine.models.novelty import LONGEST, Novelty, encode
from engine.models.tables import Table
from engine.pipeline import compose
from engine.request import make_request
from engine.song import Note

KNOWN = ([0, 1, 4, 6, 8, 9, 11, 16, 18, 19, 22, 24], [60, 65, 63, 62, 60, 58, 60, 67, 65, 63, 60, 58])
SHARED = {"pairs": {"4": 60, "6": 36, "9": 4}, "nearest": {"8": 9, "12": 1}}


@pytest.fixture
def quoting(monkeypatch):
    """A song that sings a known melody from its fifth slot on."""
    table = Table({"titles": ["Ours"], **SHARED}, encode([KNOWN]))
    monkeypatch.setattr(novelty, "load", lambda models: Novelty(table))
    monkeypatch.setattr(tables, "load", lambda models, name: table)
    song = small_song()
    notes = (Note(0, 120, 70), *(Note((slot + 5) * 120, 120, pitch) for slot, pitch in zip(*KNOWN, strict=True)))
    return replace(song, parts=tuple(replace(p, notes=notes) if p.name == "melody" else p for p in song.parts))


def test_a_run_is_told_with_title_place_and_notes(quoting):
    report = novelty_report(quoting)
    assert (report.notes, report.title) == (len(KNOWN[0]), "Ours")
    assert (report.bar, report.beat) == (1, 2.25)
    assert report.names[:3] == ("C4", "F4", "D#4")
    assert 'of "Ours":' in told(report)


def test_real_songs_are_told_by_median_and_percentile(quoting):
    report = novelty_report(quoting)
    assert report.pairs == Spread(4, 6, 100)
    assert report.nearest == Spread(8, 12, 10)
    assert report.share == pytest.approx(0.1)


def test_a_song_of_ours_keeps_under_the_limit():
    report = novelty_report(compose(make_request(seed=3)))
    assert report.notes <= report.limit == LONGEST
    assert report.pairs.median < report.nearest.median <= LONGEST


def test_an_instrumental_shares_nothing():
    song = small_song()
    report = novelty_report(replace(song, parts=tuple(part for part in song.parts if part.name != "melody")))
    assert report.notes == 0
    assert told(report).startswith("no more than 7 notes in a row")


def test_the_figure_costs_a_millisecond_at_most():
    song = compose(make_request(seed=3))
    novelty.novelty(song)
    costs = []
    for _ in range(9):
        before = time.process_time()
        novelty.novelty(song)
        costs.append(time.process_time() - before)
    # Twice that, for machines that are slower or busy.
    assert np.median(costs) < 0.002
