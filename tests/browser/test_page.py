"""The page in a real browser: it plays what it shows, answers to mouse and keys, asks nothing of the network.

Skipped where Chromium or Playwright is missing.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from fakes import small_song

from engine.audio.score import song_score
from engine.page.make import song_page
from engine.song import Note

api = pytest.importorskip("playwright.sync_api", reason="no Playwright (pip install playwright)")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium (apt-get install chromium)")
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
ARGS += ["--disable-sync", "--disable-component-update", "--autoplay-policy=user-gesture-required"]
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


def song():
    """The small song with four bars more of everything, drums to tell the time by, half a bar of silence first."""
    small = small_song()
    bar = 1920
    verses = tuple(replace(small.sections[1], name=f"verse/{number}", start_bar=2 * number) for number in range(1, 4))
    drums = tuple(Note(480 * n, 120, 38 if n % 2 else 36, 3) for n in range(8 * 4))
    parts = tuple(
        replace(part, notes=drums)
        if part.name == "drums"
        else replace(
            part, notes=tuple(note._replace(start=note.start + 4 * bar * k) for k in range(2) for note in part.notes)
        )
        for part in small.parts
    )
    parts = tuple(replace(part, notes=tuple(note for note in part.notes if note.start >= bar // 2)) for part in parts)
    return replace(small, sections=(small.sections[0], *verses), parts=parts)


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("page") / "song.html"
    path.write_text(song_page(song()), encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator:
    with api.sync_playwright() as tool:
        found = tool.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield found
        found.close()


@pytest.fixture
def open_page(browser, file):
    """Open the page without a network; at the end nothing may have been logged or asked for."""
    contexts, told = [], []

    def opened(**options):
        context = (
            browser.new_context(viewport=DESK, offline=True, **options)
            if "viewport" not in options
            else (browser.new_context(offline=True, **options))
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: told.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: told.append(str(error)))
        page.on(
            "request", lambda asked: told.append(asked.url) if not asked.url.startswith(("file:", "data:")) else None
        )
        page.goto(file)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert told == []


def until(page, what: str, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not page.evaluate(what):
        assert time.monotonic() < end, what
        time.sleep(0.03)


def level(page) -> float:
    """The greatest loudness within a second."""
    found = []
    for _ in range(12):
        page.wait_for_timeout(80)
        found.append(page.evaluate("hookline.level()"))
    return max(found)


def played(page):
    page.get_by_role("button", name="Play", exact=True).click()
    until(page, "hookline.isPlaying()")
    return page


def test_it_plays_and_pauses(open_page):
    page = played(open_page())
    until(page, "hookline.position() > 0.4")
    assert level(page) > 0.01
    page.get_by_role("button", name="Pause", exact=True).click()
    stood = page.evaluate("hookline.position()")
    page.wait_for_timeout(300)
    assert page.evaluate("hookline.position()") == stood
    assert level(page) < 1e-4
    played(page)
    assert page.evaluate("hookline.position()") == pytest.approx(stood, abs=0.4)


def test_the_playhead_is_where_the_sound_is(open_page):
    page = open_page(bypass_csp=True)  # to listen in
    page.get_by_role("button", name="Solo Drums").click()
    played(page)
    found = page.evaluate(
        """async (seconds) => {
          const ctx = hookline.context(), heard = [], seen = [];
          const source = `registerProcessor("ear", class extends AudioWorkletProcessor {
            process([[side]]) { if (side) this.port.postMessage([currentFrame, side.slice()]); return true; }
          })`;
          await ctx.audioWorklet.addModule("data:text/javascript," + encodeURIComponent(source));
          const ear = new AudioWorkletNode(ctx, "ear");
          ear.port.onmessage = (event) => heard.push([event.data[0], Array.from(event.data[1])]);
          hookline.output().connect(ear);
          const head = document.getElementById("head"), end = ctx.currentTime + seconds;
          await new Promise((done) => {
            const look = () => {
              const x = new DOMMatrix(getComputedStyle(head).transform).m41;
              seen.push([ctx.currentTime, x / hookline.song.scale]);
              if (ctx.currentTime < end) requestAnimationFrame(look); else done();
            };
            look();
          });
          return { heard, seen, rate: ctx.sampleRate, late: ctx.outputLatency || ctx.baseLatency };
        }""",
        6,
    )
    first = found["heard"][0][0]
    wave = np.zeros(found["heard"][-1][0] + 128 - first)
    for frame, samples in found["heard"]:
        wave[frame - first : frame - first + 128] = samples
    seen = np.array(found["seen"])
    # Where the playhead stands when a sample leaves the loudspeaker.
    leaves = (first + np.arange(len(wave))) / found["rate"] + found["late"]
    under = np.interp(leaves, seen[:, 0], seen[:, 1])
    errors = []
    for start in song_score(song()).tracks[-1].notes[:, 0] / 44_100:
        near = (under > start - 0.1) & (under < start + 0.1)
        if seen[2, 1] + 0.2 < start < seen[-1, 1] - 0.2:
            rise = np.diff(np.convolve(np.abs(wave[near]), np.ones(64) / 64, "same"))
            errors.append(under[near][np.argmax(rise)] - start)
    assert page.evaluate("hookline.song.skipped") > 0.9
    assert len(errors) >= 6
    assert np.abs(errors).max() < 0.05


def test_a_section_is_jumped_to_from_rest_and_while_playing(open_page):
    page = open_page()
    sections = page.get_by_role("navigation", name="Sections")
    sections.get_by_role("button", name="Verse 2").click()
    until(page, "hookline.isPlaying()")
    assert 8 <= page.evaluate("hookline.position()") < 9
    assert page.locator("#section").inner_text() == "Verse 2"
    assert sections.locator("[aria-current]").inner_text() == "Verse 2"
    sections.get_by_role("button", name="Verse 1").click()
    until(page, "hookline.isPlaying()")
    assert 4 <= page.evaluate("hookline.position()") < 5
    assert level(page) > 0.01


def test_the_slider_and_the_roll_seek(open_page):
    page = open_page()
    page.locator("#seek").fill("60")
    assert page.evaluate("hookline.position()") == pytest.approx(6)
    assert page.locator("#seek").get_attribute("aria-valuetext") == "0:06 of 0:16, Verse 1"
    page.locator("#scroll").evaluate("(it) => it.scrollLeft = 0")
    page.locator(".sheet").click(position={"x": 200, "y": 100})
    until(page, "hookline.isPlaying()")
    assert page.evaluate("hookline.position() - 200 / hookline.song.scale") == pytest.approx(0, abs=0.5)


def test_parts_are_muted_and_heard_alone(open_page):
    page = played(open_page())
    mutes = page.get_by_role("button", name=re.compile("^Mute "))
    assert mutes.count() == 5
    for number in range(5):
        mutes.nth(number).click()
    page.wait_for_timeout(200)
    assert level(page) < 1e-4
    assert mutes.first.get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="Solo Bass").click()
    assert level(page) > 0.003
    assert page.locator("[data-lane].silent").count() == 4


def test_keys_play_and_move(open_page):
    page = open_page()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("hookline.position()") == pytest.approx(4)
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("hookline.position()") == pytest.approx(2)
    page.keyboard.press("Space")
    until(page, "hookline.isPlaying()")
    page.keyboard.press("Space")
    assert not page.evaluate("hookline.isPlaying()")
    page.keyboard.press("Home")
    assert page.evaluate("hookline.position()") == 0
    # On a button the space bar presses it, and once.
    page.get_by_role("button", name="Mute Melody").focus()
    page.keyboard.press("Space")
    assert page.get_by_role("button", name="Mute Melody").get_attribute("aria-pressed") == "true"
    assert not page.evaluate("hookline.isPlaying()")


def test_everything_is_reached_with_the_tab_key(open_page):
    page = open_page()
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))
    assert {"play", "seek", "Intro 1", "Verse 3", "mute-0", "solo-4", "scroll", "Download the MIDI file"} <= reached


def test_pausing_while_it_loads_starts_nothing(open_page):
    page = open_page()
    page.evaluate("() => { const play = document.getElementById('play'); play.click(); window.hookline.isPlaying(); }")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(1500)
    assert not page.evaluate("hookline.isPlaying()")
    assert page.locator("#status").inner_text() == ""


def test_the_song_ends_and_begins_again(open_page):
    page = open_page()
    page.evaluate("document.getElementById('seek').value = hookline.song.seconds * 10 - 5")
    page.locator("#seek").dispatch_event("input")
    played(page)
    until(page, "!hookline.isPlaying()")
    assert page.evaluate("hookline.position()") == 0
    assert page.get_by_role("button", name="Play", exact=True).count() == 1


def test_the_midi_file_is_saved(open_page, tmp_path):
    page = open_page(accept_downloads=True)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download the MIDI file").click()
    waiting.value.save_as(tmp_path / "a.mid")
    assert (tmp_path / "a.mid").read_bytes().startswith(b"MThd")
    assert waiting.value.suggested_filename == "rock-no-7.mid"


def test_it_fits_a_telephone(open_page):
    page = open_page(viewport=PHONE, device_scale_factor=2, is_mobile=True, has_touch=True)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_role("button", name="Play", exact=True).tap()
    until(page, "hookline.isPlaying()")
    small = page.evaluate(
        """[...document.querySelectorAll("button, input, a")].map((it) => it.getBoundingClientRect())
           .filter((box) => box.width < 24 || box.height < 24).length"""
    )
    assert small == 0  # WCAG 2.2, 2.5.8


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_no_barrier_is_found(open_page, size):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="no axe (pip install axe-playwright-python)"
    )
    page = open_page(viewport=size, bypass_csp=True)
    page.locator("summary").click()
    found = axe.Axe().run(page)
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found.response["violations"]] == []
    assert len(found.response["passes"]) > 20
