"""Pages: SVG and PDF, from the libraries of the extra ``notation``."""

from __future__ import annotations

import builtins
import re
import xml.etree.ElementTree as ET

import pytest
from fakes import small_song
from typer.testing import CliRunner

from engine.api import save
from engine.cli.app import app_for
from engine.errors import ExportError, UsageError
from engine.notation.files import notated, pages

pytest.importorskip("verovio")
pytest.importorskip("resvg_py")


def test_a_lead_sheet_is_a_page_with_a_head():
    (page,) = pages(small_song(), lead=True)
    ET.fromstring(page)
    assert ">Rock No. 7</text>" in page and "E minor, 120 bpm, 4/4" in page


def test_a_score_has_a_staff_for_everybody():
    (page,) = pages(small_song(), tab=True)
    assert len(re.findall(r'class="staff"', page)) >= 8


def test_pages_stand_below_one_another():
    from engine.notation.engrave import HEIGHT, one_svg

    (page,) = pages(small_song(), lead=True)
    both = ET.fromstring(one_svg([page, page]))
    assert both.get("viewBox") == f"0 0 2100 {2 * HEIGHT}" and len(both) == 2


def test_a_pdf_has_its_pages_and_is_the_same_again():
    song = small_song()
    data = notated(song, "PDF", lead=True)
    assert data.startswith(b"%PDF-1.4") and data.endswith(b"%%EOF\n") and b"/Count 1" in data
    assert data == notated(song, "PDF", lead=True)
    table = int(re.findall(rb"startxref\n(\d+)", data)[0])
    assert data[table : table + 4] == b"xref"


def test_music_signs_are_drawn_and_not_boxes():
    """Verovio's fonts reach the PDF: what is drawn with and without them differs."""
    from engine.notation.engrave import font_files, png

    (page,) = pages(small_song(), lead=True)
    with font_files() as fonts:
        assert len(fonts) >= 2
        assert png(page, 400, fonts) != png(page, 400, ())


def test_a_missing_library_is_named(monkeypatch):
    real = builtins.__import__

    def without(name, *more):
        if name == "verovio":
            raise ImportError("No module named 'verovio'")
        return real(name, *more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ExportError, match="verovio") as caught:
        notated(small_song(), "PDF")
    assert "hookline[notation]" in caught.value.hint


def test_another_kind_is_refused():
    with pytest.raises(UsageError):
        notated(small_song(), "MIDI")


@pytest.fixture
def song_file(tmp_path):
    path = tmp_path / "s.song.json"
    save(small_song(), path)
    return path


def run(*words):
    return CliRunner().invoke(app_for(["score"]), ["score", *map(str, words)])


@pytest.mark.parametrize(
    ("name", "begins"),
    [("s.musicxml", b"<?xml"), ("s.pdf", b"%PDF"), ("s.svg", b"<svg"), ("s.abc", b"%abc"), ("s.cho", b"{title")],
)
def test_the_command_writes_each_kind(song_file, tmp_path, name, begins):
    assert run(song_file, "-o", tmp_path / name).exit_code == 0
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_the_command_adds_tablature(song_file, tmp_path):
    assert run(song_file, "--tab", "-o", tmp_path / "s.musicxml").exit_code == 0
    assert "<fret>" in (tmp_path / "s.musicxml").read_text()


@pytest.mark.parametrize("words", [("--tab", "--lead-sheet", "-o", "s.pdf"), ("--tab", "-o", "s.abc"), ("-o", "s.mid")])
def test_what_cannot_be_is_refused(song_file, tmp_path, words):
    found = run(song_file, *words)
    assert isinstance(found.exception, UsageError)
