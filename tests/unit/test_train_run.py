"""The train command, with small fits in place of the real ones."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from engine.errors import CorpusError, EngineError
from engine.models.tables import Table, header, load
from engine.train import run
from engine.train.base import Fitted, Score

FACTS = header(corpus="none", licence="none", command="test", date="2000-01-01", about="test")


def fitting(monkeypatch, **fits):
    """Put modules in the place of engine.train.fit_NAME."""
    for name, fit in fits.items():
        module = ModuleType(f"engine.train.fit_{name}")
        module.fit = fit
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(run, "MODELS", tuple(fits))


def fit_of(name, value):
    def fit(data, tell):
        tell("counting")
        return Fitted({name: Table(dict(FACTS), {"row": np.array([value])})}, (Score(name, "note", 10, 1.5, 2.0),))

    return fit


def test_every_fit_is_run():
    files = Path(run.__file__).parent.glob("fit_*.py")
    found = {
        file.stem.removeprefix("fit_") for file in files if "\ndef fit(data: Path, tell: Tell)" in file.read_text()
    }
    own = {name for fits in run.OWN.values() for name in fits}
    assert {*run.MODELS, *run.LISTEN, *own} == found


def test_tables_are_written_and_scores_returned(monkeypatch, tmp_path):
    fitting(monkeypatch, one=fit_of("one", 1), two=fit_of("two", 2))
    lines = []
    scores = run.train_style("rock", tmp_path, tmp_path / "models" / "new", lines.append)
    assert [score.model for score in scores] == ["one", "two"]
    assert load(tmp_path / "models" / "new", "two").arrays["row"].tolist() == [2]
    assert lines[:3] == ["[1/2] one: fitting", "[1/2] counting", lines[2]]
    assert lines[2].startswith("[1/2] one: done in 0 s")


def test_a_fit_that_fails_writes_nothing(monkeypatch, tmp_path):
    def bad(data, tell):
        raise CorpusError("no such corpus")

    fitting(monkeypatch, one=fit_of("one", 1), two=bad)
    with pytest.raises(CorpusError):
        run.train_style("rock", tmp_path, tmp_path / "models", lambda line: None)
    assert not (tmp_path / "models").exists()


def test_two_tables_of_one_name_are_refused(monkeypatch, tmp_path):
    fitting(monkeypatch, one=fit_of("same", 1), two=fit_of("same", 2))
    with pytest.raises(EngineError, match="two fits make a table named same"):
        run.train_style("rock", tmp_path, tmp_path / "models", lambda line: None)


def test_a_missing_library_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    fitting(monkeypatch)
    monkeypatch.setattr(run, "MODELS", ("needy",))

    def needy(name):
        raise ModuleNotFoundError("No module named 'sklearn'", name="sklearn")

    monkeypatch.setattr(run, "import_module", needy)
    with pytest.raises(EngineError, match="training needs sklearn") as caught:
        run.train_style("rock", tmp_path, None, lambda line: None)
    assert "hookline[train]" in caught.value.hint


def test_the_table_sets_bits_beside_the_bigram():
    lines = run.table_of([Score("melody", "note", 1234, 1.5, 2.0)]).splitlines()
    assert lines[0].split() == ["model", "unit", "events", "bits", "bigram", "saved"]
    assert lines[1].split() == ["melody", "note", "1234", "1.500", "2.000", "25.0%"]
