"""Pictures of the small song and of MIDI files: what is drawn where."""

from __future__ import annotations

import re
import struct
import sys
import xml.etree.ElementTree as ET
from itertools import pairwise

import numpy as np
import pytest
from fakes import small_song
from midi_bytes import midi, track

from engine import api
from engine.errors import SongFileError
from engine.measure.reference import Group
from engine.measure.report import compare
from engine.picture.form import form_svg
from engine.picture.midi import midi_roll
from engine.picture.pianoroll import broken, frame, roll_svg
from engine.picture.png import dots
from engine.picture.roll import LENGTH, PITCH, START, Lane, Roll, Stretch, colours, song_roll
from engine.picture.similarity import similarity, similarity_svg
from engine.picture.spread import spread_svg
from engine.picture.svg import GROUNDS, PLAIN

SVG = "{http://www.w3.org/2000/svg}"


def bars_roll(bars: int, every: int = 8) -> Roll:
    """A roll of 4/4 at 120: one lane with a note a bar, a section every so many bars."""
    notes = np.array([(1920 * n, 480, 60 + n % 12, 2) for n in range(bars)], np.int64)
    sections = tuple(
        Stretch(1920 * at, 1920 * min(every, bars - at), f"Verse {at // every + 1}", "verse", "verse", 3)
        for at in range(0, bars, every)
    )
    lane = Lane("melody", "Melody", "#c2410c", False, notes)
    return Roll("Test", "facts", 960, tuple(range(0, 1920 * bars + 1, 1920)), 16, (lane,), sections, ())


def strokes(svg: str) -> list[tuple[float, float]]:
    """Starts and widths of all notes, in points from the left edge of their row."""
    found = []
    for path in re.findall(r'<path d="([^"]*)" stroke-opacity="[.\d]+"/>', svg):
        found += [(int(x) / 10, int(wide) / 10) for x, wide in re.findall(r"M(\d+) \d+h(\d+)", path)]
    return found


@pytest.mark.parametrize("draw", [roll_svg, form_svg, similarity_svg])
def test_a_picture_is_xml_with_a_title(draw):
    root = ET.fromstring(draw(song_roll(small_song())))
    assert root.tag == f"{SVG}svg"
    assert "Rock No. 7" in root.findtext(f"{SVG}title")
    assert root.findtext(f"{SVG}desc")


def test_the_same_song_gives_the_same_picture():
    assert roll_svg(song_roll(small_song())) == roll_svg(song_roll(small_song()))


def test_every_note_is_drawn_once():
    song = small_song()
    assert len(strokes(roll_svg(song_roll(song)))) == sum(len(part.notes) for part in song.parts)


def test_a_note_stands_where_it_sounds():
    roll = bars_roll(4)
    places = [x for x, _ in strokes(roll_svg(roll))]
    assert np.allclose(np.diff(places), places[1] - places[0], atol=0.2)
    assert places[0] == 0
    assert places[1] * 4 == pytest.approx(1600 - 108 - 10, abs=0.5)


def test_sections_chords_and_parts_are_named():
    svg = roll_svg(song_roll(small_song()))
    for words in ("Intro 1", "Verse 1", ">Em<", ">D<", ">A/E<", "Melody", "Rhythm Guitar", "energy", "kick", "hi-hat"):
        assert words in svg


@pytest.mark.parametrize("bars", [1, 2, 50, 52])
def test_a_short_song_is_one_row(bars):
    assert broken(bars_roll(bars)) == [(0, 1920 * bars)]


@pytest.mark.parametrize("bars", [53, 127, 200, 1000])
def test_a_long_song_goes_on_below_between_sections(bars):
    rows = broken(bars_roll(bars))
    assert rows[0][0] == 0 and rows[-1][1] == 1920 * bars
    assert all(a[1] == b[0] for a, b in pairwise(rows))
    assert all(0 < last - first <= 52 * 1920 for first, last in rows)
    assert all(first % (8 * 1920) == 0 for first, _ in rows)


def test_rows_are_broken_in_a_section_that_is_longer():
    assert all(0 < last - first <= 52 * 1920 for first, last in broken(bars_roll(200, every=200)))


def test_text_of_a_file_cannot_become_markup(tmp_path):
    path = tmp_path / "a.mid"
    path.write_bytes(midi(track([(0, 480, 60)], name="<b>&", metas=[(0, 6, b"</text><script>")])))
    for draw in (roll_svg, form_svg, similarity_svg):
        ET.fromstring(draw(midi_roll(path)))
        assert "<script>" not in draw(midi_roll(path))


def luminance(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_colour_stands_out_from_every_ground():
    names = ["melody", "lead", "rhythm", "bass", "drums", *map(str, range(6))]
    for colour in colours(names):
        for ground in (*GROUNDS.values(), PLAIN):
            assert (luminance(ground) + 0.05) / (luminance(colour) + 0.05) >= 3


def test_parts_of_a_song_differ_in_colour():
    assert len(set(colours(["melody", "lead", "rhythm", "bass", "drums"]))) == 5


def test_a_silent_part_is_a_lane_too():
    lane = Lane("lead", "Lead", "#000000", False, np.zeros((0, 4), np.int64))
    assert frame(lane).height > 0
    roll = bars_roll(2)
    assert len(strokes(roll_svg(roll._replace(lanes=(*roll.lanes, lane))))) == 2


def test_bars_that_are_the_same_are_alike():
    alike = similarity(song_roll(small_song()))
    assert alike.shape == (4, 4)
    assert np.allclose(np.diag(alike), 1)
    assert np.allclose(alike, alike.T)
    # The two bars of the verse: the voice goes on, bass and drums repeat.
    assert 0.3 < alike[2, 3] < 1


def test_likeness_by_hand():
    # Two bars share half of their four sounding quarters: cosine 1/2.
    notes = np.array([(0, 960, 60, 2), (960, 960, 62, 2), (1920, 960, 60, 2), (2880, 960, 64, 2)], np.int64)
    roll = bars_roll(2)
    assert similarity(roll._replace(lanes=(roll.lanes[0]._replace(notes=notes),)))[0, 1] == pytest.approx(0.5)


def test_silent_bars_are_alike():
    roll = bars_roll(3)
    quiet = roll.lanes[0]._replace(notes=roll.lanes[0].notes[:1])
    assert similarity(roll._replace(lanes=(quiet,)))[1, 2] == 1
    assert similarity(roll._replace(lanes=(quiet,)))[0, 1] == 0


def test_the_form_joins_what_shares_its_music():
    svg = form_svg(song_roll(small_song()))
    assert len(re.findall(r'<path d="M[\d. ]+A', svg)) == 1  # intro and verse have one material
    assert "Intro 1, Verse 1: i bVII IV/I" in svg


def test_a_song_without_sections_has_a_form_of_one():
    assert "Whole song" in form_svg(bars_roll(4)._replace(sections=()))


def test_dots_are_a_png():
    data = dots(np.zeros((2, 3, 3), np.uint8))
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", data[16:24]) == (3, 2)


def test_our_midi_file_shows_what_its_song_does(tmp_path):
    song = small_song()
    api.save(song, tmp_path / "a.mid")
    ours, read = song_roll(song), midi_roll(tmp_path / "a.mid")
    assert [lane.title for lane in read.lanes] == [lane.title for lane in ours.lanes]
    assert [section.title for section in read.sections] == [section.title for section in ours.sections]
    assert [label.text for label in read.chords] == [label.text for label in ours.chords]
    assert len(read.bars) == len(ours.bars)
    assert read.end / read.second == pytest.approx(ours.end / ours.second)
    for one, other in zip(read.lanes, ours.lanes, strict=True):
        assert sorted(one.notes[:, PITCH]) == sorted(other.notes[:, PITCH])
        # As played: within some hundredths of a second.
        assert np.abs(np.sort(one.notes[:, START]) / 10_000 - np.sort(other.notes[:, START]) / 960).max() < 0.06


def test_a_change_of_tempo_moves_what_comes_after(tmp_path):
    path = tmp_path / "a.mid"
    slow = (480, 0x51, (1_000_000).to_bytes(3, "big"))
    path.write_bytes(midi(track(metas=[slow]), track([(0, 480, 60), (960, 480, 62)])))
    roll = midi_roll(path)
    assert roll.lanes[0].notes[:, START].tolist() == [0, 15_000]
    assert roll.lanes[0].notes[:, LENGTH].tolist() == [5_000, 10_000]


@pytest.mark.parametrize("content", [b"", b"MThd", b"no music", midi(track())])
def test_a_file_without_music_is_refused(tmp_path, content):
    path = tmp_path / "a.mid"
    path.write_bytes(content)
    with pytest.raises(SongFileError, match=r"a\.mid"):
        midi_roll(path)


@pytest.fixture
def run(run):
    """Run the program in a folder that holds a small song."""
    api.save(small_song(), "song.song.json", "song.mid")
    return run


@pytest.mark.parametrize("kind", ["roll", "form", "similarity"])
@pytest.mark.parametrize("source", ["song.song.json", "song.mid"])
def test_the_command_draws(run, tmp_path, source, kind):
    code, out, err = run("plot", source, "--kind", kind, "-o", "a.svg")
    assert (code, out) == (0, b"")
    assert err.startswith("a.svg: ")
    ET.parse(tmp_path / "a.svg")


def test_the_command_draws_dots(run, tmp_path):
    pytest.importorskip("resvg_py")
    assert run("plot", "song.song.json", "-o", "a.png")[0] == 0
    data = (tmp_path / "a.png").read_bytes()
    assert data.startswith(b"\x89PNG") and struct.unpack(">I", data[16:20]) == (3200,)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("song.song.json", "-o", "a.gif"), 2, "end it in .svg, .png"),
        (("song.song.json", "-o", "no/where.svg"), 1, "no/where.svg"),
        (("none.song.json", "-o", "a.svg"), 1, "none.song.json"),
        (("none.mid", "-o", "a.svg"), 1, "none.mid"),
        (("song.song.json", "--kind", "cake", "-o", "a.svg"), 2, "cake"),
    ],
)
def test_wrong_words_are_one_line(run, words, code, told):
    found, out, err = run("plot", *words)
    assert (found, out) == (code, b"")
    assert told in err and "Traceback" not in err


def test_png_without_its_library_says_what_to_install(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    code, _, err = run("plot", "song.song.json", "-o", "a.png")
    assert code == 1 and "hookline[picture]" in err


def test_quartiles_are_drawn_beside_real_ones():
    real = {"same": (1.0, 2.0, 3.0), "far": (0.0, 1.0, 2.0), "agreed": (4.0, 4.0, 4.0)}
    rows = compare([{"same": 2.0, "far": 90.0, "agreed": 4.0}] * 3, [Group("song", "made up", real)])
    svg = spread_svg(rows, "3 songs beside real ones")
    ET.fromstring(svg)
    places = [float(x) for x in re.findall(r'<circle cx="([\d.]+)"', svg)][2:]  # after the two of the key
    assert places == [535.0, 800.0, 535.0]
    assert "67% of our medians" in svg


def test_evaluate_draws_its_table(run, tmp_path):
    code, out, err = run("evaluate", "song.song.json", "--plot", "a.svg")
    assert code == 0 and b"inside the real quartiles" in out
    assert "a.svg: " in err
    ET.parse(tmp_path / "a.svg")


def test_a_few_bars_are_seen_from_near():
    svg = roll_svg(song_roll(small_song()))
    assert ">E4<" in svg and "stroke-dasharray" in svg
    assert "stroke-dasharray" not in roll_svg(bars_roll(16))
