"""FluidSynth as the player, and as the judge of our own sampler; skipped where it is not installed."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from fakes import small_song
from sounds import RATE, cents, decibels, notes, pitch

from engine.audio.fluid import fluid
from engine.audio.render import KIT, render
from engine.audio.sampler import sampled
from engine.audio.score import song_score
from engine.errors import AudioError

needed = pytest.mark.skipif(not shutil.which("fluidsynth"), reason="FluidSynth is not installed")

# FluidSynth lifts filters that do not resonate by 1.5 dB, and loses some by its pan.
_LIFT = -1.15


def both(bank, program, rows, count=2 * RATE):
    return [player(bank, program, rows).block(0, count) for player in (sampled(KIT), fluid(KIT))]


@needed
@pytest.mark.parametrize(
    ("program", "key"),
    [(27, 45), (27, 64), (28, 40), (29, 52), (34, 28), (34, 40), (85, 60), (81, 60), (16, 60), (48, 60)],
)
def test_notes_sound_as_high_and_as_loud(program, key):
    ours, theirs = both(0, program, notes((0, 1, key, 100)))
    held = slice(4410, 44_100)
    assert decibels(ours[:, held]) - decibels(theirs[:, held]) == pytest.approx(_LIFT, abs=0.5)
    assert cents(pitch(ours[0, held]), pitch(theirs[0, held])) == pytest.approx(0, abs=0.5)


@needed
@pytest.mark.parametrize("key", [36, 38, 42, 46, 49, 51, 45])
@pytest.mark.parametrize("velocity", [50, 110])
def test_drums_sound_as_loud(key, velocity):
    ours, theirs = both(128, 0, notes((0, 0.5, key, velocity)))
    assert decibels(ours[:, :22_050]) - decibels(theirs[:, :22_050]) == pytest.approx(_LIFT, abs=1)


@needed
def test_a_song_is_played_through_the_same_desk(tmp_path):
    (told,) = render(song_score(small_song()), [str(tmp_path / "a.wav")], soundfont=KIT, fluidsynth=True)
    assert told.lufs == pytest.approx(-14, abs=0.2)
    assert told.samples > 8 * RATE


@needed
def test_what_fluidsynth_cannot_read_is_told(tmp_path):
    (tmp_path / "bad.sf2").write_bytes(b"no font")
    with pytest.raises(AudioError, match=r"bad\.sf2"):
        fluid(tmp_path / "bad.sf2")


@needed
def test_a_rest_needs_no_process():
    player = fluid(KIT)(0, 0, notes()[:0].reshape(0, 5))
    assert not player.sounding
    assert not np.any(player.block(0, 100))


def test_without_fluidsynth_it_says_so(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(AudioError, match="not installed"):
        fluid(None)
