"""Lead sheets as they are read, and tables of a few tunes made by hand."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest

from engine.errors import CorpusError
from engine.models.harmonize import FEATURES, STATES, find_key, model
from engine.models.tables import pack
from engine.theory.meter import Meter
from engine.train import fit_harmonize
from engine.train.corpora import openewld
from engine.train.tunes import UNKNOWN, Tune, tunes

NOTE = "<note><pitch><step>{}</step><alter>{}</alter><octave>{}</octave></pitch><duration>{}</duration>{}</note>"
CHORD = "<harmony><root><root-step>{}</root-step></root><kind>{}</kind></harmony>"


def sheet(folder, *measures, fifths=1):
    about = f"<attributes><divisions>2</divisions><key><fifths>{fifths}</fifths></key>"
    about += "<time><beats>4</beats><beat-type>4</beat-type></time></attributes>"
    inside = [f"<measure>{about if n == 0 else ''}{text}</measure>" for n, text in enumerate(measures)]
    (folder / "openewld" / "mxl").mkdir(parents=True)
    with zipfile.ZipFile(folder / "openewld" / "mxl" / "tune.mxl", "w") as archive:
        archive.writestr("META-INF/container.xml", "<container/>")
        archive.writestr("tune.xml", f"<score-partwise><part>{''.join(inside)}</part></score-partwise>")
    return folder


def test_a_lead_sheet_is_read_from_its_first_whole_bar(tmp_path):
    tie = '<tie type="{}"/>'
    data = sheet(
        tmp_path,
        NOTE.format("D", 0, 4, 2, ""),
        CHORD.format("G", "major") + NOTE.format("G", 0, 4, 4, "") + NOTE.format("F", 1, 4, 4, tie.format("start")),
        CHORD.format("E", "minor-seventh") + NOTE.format("F", 1, 4, 8, tie.format("stop")),
    )
    (found,) = openewld.read(data)
    assert found.notes == ((-480, 480, 62), (0, 960, 67), (960, 2880, 66))
    assert found.chords == ((0, 7, "major"), (1920, 4, "minor-seventh"))
    assert found.bars == (0, 1920, 3840)


def test_a_sheet_that_is_none_is_named(tmp_path):
    data = sheet(tmp_path, NOTE.format("D", 0, 4, 2, ""))
    (data / "openewld" / "mxl" / "tune.mxl").write_bytes(b"nothing")
    with pytest.raises(CorpusError, match=r"tune\.mxl"):
        list(openewld.read(data))


def tune(minor, shift):
    """Eight bars of arpeggios over i or I, iv or IV, v or V."""
    third = 3 if minor else 4
    notes, states = [], []
    for bar in range(8):
        root = (0, 5, 7, 0)[bar % 4]
        notes += [(16 * bar + 4 * n, 4, 60 + shift + root + step) for n, step in enumerate((0, third, 7, third))]
        states += [2 * root + minor] * 16
    lines = np.arange(9) * 16
    return Tune(f"made/{minor}{shift}", "made", Meter(), shift, minor, lines, np.array(notes), np.array(states))


def test_tables_of_arpeggios_know_their_chords(tmp_path):
    known = [tune(minor, shift) for minor in (False, True) for shift in (0, 2, 5)]
    table = fit_harmonize.model(known)
    (tmp_path / "harmonize.npz").write_bytes(pack(table))
    assert pack(table) == pack(fit_harmonize.model(known))
    learnt = model(tmp_path, False, "bar")
    assert learnt.weights.shape == (FEATURES, STATES)
    one = fit_harmonize.seen(tune(False, 7), "bar")
    assert (one.rows @ learnt.weights).argmax(axis=1).tolist() == one.states.tolist() == [0, 10, 14, 0] * 2
    assert find_key(tune(True, 3).notes, tune(True, 3).bars, tmp_path) == (3, True)


def test_a_stretch_without_a_chord_is_unknown():
    silent = tune(False, 0)._replace(states=np.full(128, UNKNOWN))
    assert set(fit_harmonize.seen(silent, "half").states.tolist()) == {UNKNOWN}


def test_the_corpora_are_on_one_grid(corpora):
    found = {}
    for one in tunes(corpora):
        found[one.corpus] = found.get(one.corpus, 0) + 1
        assert len(one.states) == one.bars[-1]
        assert one.states.max() < STATES
    assert found["openewld"] == 385
    assert found["rs200"] > 150
    assert found["pop909"] > 600
