"""The page as a file: what is in it, and that nothing in it reaches out."""

from __future__ import annotations

import base64
import html
import io
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
import soundfile
from fakes import small_song
from midi_bytes import band
from sounds import RATE, notes

from engine import api
from engine.audio.score import Score, Track
from engine.errors import AudioError
from engine.export.midi import midi
from engine.page.assemble import Extras, page
from engine.page.make import midi_page, song_page
from engine.page.sheet import sheet_svg
from engine.page.sound import SMALL, Stem, Stems, stems
from engine.picture.roll import song_roll


@pytest.fixture(scope="module")
def made() -> str:
    """The page of the small song."""
    return song_page(small_song())


def facts(text: str) -> dict:
    return json.loads(re.search(r'id="song">(.*?)</script>', text, re.S)[1])


def sounds(text: str) -> list[bytes]:
    return [base64.b64decode(found) for found in re.findall(r'id="sound-\d+">(.*?)</script>', text)]


def silent(count: int) -> Stems:
    return Stems(tuple(Stem(f"part {k}", b"", 1.0, 0.0) for k in range(count)), 1.0, 0.0)


def test_the_page_has_a_sound_for_each_part(made):
    parts = [soundfile.read(io.BytesIO(data)) for data in sounds(made)]
    assert len(parts) == len(facts(made)["parts"]) == 5
    assert {rate for _, rate in parts} == {SMALL}
    # Two bars of silence come first for the voice alone; guitars and drums are stereo.
    assert [wave.ndim for wave, _ in parts] == [1, 1, 2, 1, 2]
    assert all(np.abs(wave).max() > 0.02 for wave, _ in parts)


def test_parts_are_as_long_as_the_song_and_its_tail(made):
    for data in sounds(made):
        assert 8 <= soundfile.info(io.BytesIO(data)).duration < 12


def test_the_midi_file_is_the_songs(made):
    link = re.search(r'download="([^"]*)" href="data:audio/midi;base64,([^"]*)"', made)
    assert link[1] == "rock-no-7.mid"
    assert base64.b64decode(link[2]) == midi(small_song())


def test_sections_chords_and_receipt_are_there(made):
    assert re.findall(r"<button type=\"button\" style[^>]*>([^<]*)<", made) == ["Intro 1", "Verse 1"]
    assert [row[1] for row in facts(made)["sections"]] == ["Intro 1", "Verse 1"]
    assert facts(made)["chords"][0] == [0.0, "Em"]
    assert "<td>Em | D . A/E .</td>" in made
    shown = re.search(r"<pre[^>]*>(.*?)</pre>", made, re.S)[1]
    assert json.loads(html.unescape(shown))["seed"] == 7


def test_nothing_is_fetched(made):
    assert "default-src 'none'" in made
    without = re.sub(r"base64,[A-Za-z0-9+/=]*", "", made)
    assert not re.search(r'(src|href)="(?!data:)', without)
    assert not re.search(r"https?://(?!www\.w3\.org/)", without)
    assert "fetch(" not in without and "import(" not in without


def test_the_script_is_the_one_the_policy_allows(made):
    from hashlib import sha256

    script = re.search(r"<script>(.*)</script>", made, re.S)[1]
    assert f"'sha256-{base64.b64encode(sha256(script.encode()).digest()).decode()}'" in made


def test_elements_are_closed_and_ids_are_unique(made):
    class Reader(HTMLParser):
        def __init__(self):
            super().__init__()
            self.open, self.ids = [], []

        def handle_starttag(self, tag, attrs):
            self.ids += [value for name, value in attrs if name == "id"]
            if tag not in ("meta", "link", "input", "img"):
                self.open.append(tag)

        def handle_startendtag(self, tag, attrs):
            pass

        def handle_endtag(self, tag):
            assert self.open.pop() == tag

    reader = Reader()
    reader.feed(made)
    assert not reader.open
    assert len(reader.ids) == len(set(reader.ids))


def test_the_same_song_gives_the_same_page(made):
    assert song_page(small_song()) == made


def test_titles_cannot_become_markup():
    roll = song_roll(small_song())
    bad = "</script><b onclick=x>&"
    lanes = tuple(lane._replace(title=bad, name=bad) for lane in roll.lanes)
    sections = tuple(section._replace(title=bad) for section in roll.sections)
    chords = tuple(label._replace(text=bad) for label in roll.chords)
    roll = roll._replace(title=bad, about=bad, lanes=lanes, sections=sections, chords=chords)
    text = page(roll, silent(5), Extras(b"MThd", bad, (bad, bad)))
    assert "<b onclick" not in text
    assert text.count("</script>") == 7
    assert facts(text)["sections"][0][1] == bad


def test_a_song_of_one_bar_and_of_a_thousand_have_a_roll():
    for bars in (1, 1000):
        song = small_song(sections=(small_song().sections[0].__class__("verse/1", "verse", "verse", 0, bars, 3),))
        svg, scale = sheet_svg(song_roll(song))
        assert 250 < scale * bars * 1920 < 26_001
        assert svg.count("data-lane") == 5


def test_any_midi_file_has_a_page(tmp_path):
    path = tmp_path / "my band.mid"
    path.write_bytes(band(bars=4))
    text = midi_page(path)
    assert "<h1>my band</h1>" in text
    assert base64.b64decode(re.search(r"audio/midi;base64,([^\"]*)", text)[1]) == path.read_bytes()
    assert len(sounds(text)) == len(facts(text)["parts"]) == text.count("<g data-lane")
    assert "Receipt" not in text and "Chords, bar by bar" not in text


def test_what_no_browser_can_hold_is_refused_before_it_is_rendered():
    long = Score((Track("drums", "drums", 128, 0, notes((0.5, 0.6, 37, 120))),), (0, 80 * 60 * RATE), (0,))
    with pytest.raises(AudioError, match="80 minutes of 1 parts"):
        stems(long)


def test_a_part_is_on_time_after_it_was_made_small():
    rows = notes(*((at, at + 0.1, 37, 120) for at in (0.5, 1.3, 2.9, 7.7)))
    score = Score((Track("drums", "drums", 128, 0, rows),), (0, 8 * RATE), (0,))
    found = stems(score)
    (wave, rate) = soundfile.read(io.BytesIO(found.parts[0].data))
    wave = np.abs(wave if wave.ndim == 1 else wave.mean(axis=1))
    for start in score.tracks[0].notes[:, 0] / RATE:
        at = int((start - found.skipped) * rate)
        window = wave[max(at - rate // 20, 0) : at + rate // 20]
        first = np.argmax(window > 0.3 * window.max()) - min(at, rate // 20)
        assert abs(first) / rate < 0.01


@pytest.fixture
def run(run):
    """Run the program in a folder that holds a small song."""
    api.save(small_song(), "song.song.json", "song.mid")
    return run


@pytest.mark.parametrize("source", ["song.song.json", "song.mid"])
def test_the_command_makes_a_page(run, tmp_path, source):
    code, out, err = run("page", source, "-o", "a.html")
    assert (code, out) == (0, b"")
    assert err.startswith("a.html: ") and err.endswith("MB\n")
    assert "audio/midi" in (tmp_path / "a.html").read_text()


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("song.song.json", "-o", "a.pdf"), 2, "end it in .html"),
        (("song.song.json", "-o", "no/where.html"), 1, "no/where.html"),
        (("none.song.json", "-o", "a.html"), 1, "none.song.json"),
        (("none.mid", "-o", "a.html"), 1, "none.mid"),
    ],
)
def test_wrong_words_are_one_line(run, words, code, told):
    found, out, err = run("page", *words)
    assert (found, out) == (code, b"")
    assert told in err and "Traceback" not in err
