"""The sampler against sounds whose answer is known: a sine, a ramp, silence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sounds import RATE, cents, decibels, notes, pitch, sine_font

from engine.audio.cut import KIT, cut
from engine.audio.render import KIT as FONT
from engine.audio.riff import Riff, read_riff, riff_bytes
from engine.audio.sampler import Sampler
from engine.audio.soundfont import SoundFont
from engine.audio.wave import Style
from engine.errors import AudioError


def play(font: Path, rows, seconds=2.0, block=63 * 700, **settings):
    sampler = Sampler(SoundFont(font), settings.pop("bank", 0), settings.pop("program", 0), rows, **settings)
    blocks = []
    while sum(b.shape[1] for b in blocks) < seconds * RATE:
        blocks.append(sampler.block(sum(b.shape[1] for b in blocks), block))
    return np.concatenate(blocks, axis=1)[:, : round(seconds * RATE)]


@pytest.mark.parametrize("key", [45, 57, 69, 70, 81])
def test_keys_sound_at_their_pitch(tmp_path, key):
    sound = play(sine_font(tmp_path / "a.sf2"), notes((0, 1.5, key, 100)), 1.5)[0]
    assert cents(pitch(sound[2000:]), 441 * 2 ** ((key - 69) / 12)) == pytest.approx(0, abs=0.02)


def test_detuning_and_the_fonts_own_tuning_add(tmp_path):
    font = sine_font(tmp_path / "a.sf2", g51=1, g52=-30)  # a semitone up, 30 cents down
    sound = play(font, notes((0, 1.5, 69, 100)), 1.5, cents=5.0)[0]
    assert cents(pitch(sound[2000:]), 441) == pytest.approx(75, abs=0.02)


def test_a_looped_sine_stays_a_sine(tmp_path):
    sound = play(sine_font(tmp_path / "a.sf2"), notes((0, 1.9, 70, 127)), 1.9)[0][4410:]
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
    near = np.abs(hertz - 441 * 2 ** (1 / 12)) < 20
    assert 10 * np.log10(spectrum[~near].sum() / spectrum[near].sum()) < -70


def test_velocity_is_a_square(tmp_path):
    font = sine_font(tmp_path / "a.sf2")
    loud, soft = (decibels(play(font, notes((0, 1, 69, hard)), 0.9)[0][2000:]) for hard in (127, 64))
    assert loud == pytest.approx(decibels(np.full(9, 0.5 / 2)), abs=0.1)  # a sine of 0.5, half of it a side
    assert loud - soft == pytest.approx(40 * np.log10(127 / 64), abs=0.01)


def test_attenuation_counts_at_four_tenths(tmp_path):
    plain, less = sine_font(tmp_path / "a.sf2"), sine_font(tmp_path / "b.sf2", g48=100)
    a, b = (decibels(play(font, notes((0, 1, 69, 100)), 0.9)[0]) for font in (plain, less))
    assert a - b == pytest.approx(4, abs=0.01)


def test_a_note_dies_away_after_its_end(tmp_path):
    font = sine_font(tmp_path / "a.sf2", g38=-3986)  # a tenth of a second for 100 dB
    sound = play(font, notes((0, 0.5, 69, 100)), 1)[0]
    level = decibels(sound[: RATE // 2])
    middle = round(0.55 * RATE)
    assert decibels(sound[middle - 200 : middle + 200]) - level == pytest.approx(-50, abs=1)
    assert not sound[round(0.6 * RATE) :].any()


def test_a_player_may_cut_the_release(tmp_path):
    font = sine_font(tmp_path / "a.sf2", g38=1200)
    sound = play(font, notes((0, 0.5, 69, 100)), 1, style=Style(release=0.05))[0]
    assert not sound[round(0.56 * RATE) :].any()


def test_the_envelope_rises_holds_and_falls(tmp_path):
    # 0.5 s attack, 0.25 s hold, 100 dB in 1 s down to -20 dB
    font = sine_font(tmp_path / "a.sf2", g34=-1200, g35=-2400, g36=0, g37=200)
    sound = play(font, notes((0, 2, 69, 127)), 2)[0]

    def at(seconds):
        here = round(seconds * RATE)
        return np.abs(sound[here - 60 : here + 60]).max()

    top = at(0.6)
    assert at(0.25) / top == pytest.approx(0.5, abs=0.01)
    assert 20 * np.log10(at(0.85) / top) == pytest.approx(-10, abs=0.5)
    assert 20 * np.log10(at(1.5) / top) == pytest.approx(-20, abs=0.2)


@pytest.mark.parametrize("block", [63, 1000, 63 * 1024])
def test_the_length_of_blocks_is_not_heard(block):
    rows = notes((0, 0.3, 45, 90), (0.1, 1.2, 52, 100), (0.2, 0.21, 57, 70), (1.0, 1.9, 45, 110))
    a = play(FONT, rows, 2.5, 63 * 311, program=27)
    b = play(FONT, rows, 2.5, block, program=27)
    assert np.abs(a - b).max() < 1e-6


def test_a_note_longer_than_what_is_kept_goes_on(tmp_path):
    font = sine_font(tmp_path / "a.sf2", g8=9000)  # filtered too
    sound = play(font, notes((0, 14, 69, 127)), 14)[0]
    seam = sound[12 * RATE - 3000 : 12 * RATE + 3000]
    assert np.abs(np.diff(seam, 2)).max() == pytest.approx(np.abs(np.diff(sound[9000:15000], 2)).max(), rel=0.01)


def test_the_wheel_bends(tmp_path):
    font = sine_font(tmp_path / "a.sf2")
    sound = play(font, notes((0, 2, 69, 100)), 2, bends=((RATE, 2.0),))[0]
    assert cents(pitch(sound[2000 : RATE - 2000]), 441) == pytest.approx(0, abs=0.05)
    assert cents(pitch(sound[RATE + 2000 :]), 441) == pytest.approx(200, abs=0.05)
    assert np.abs(np.diff(sound[RATE - 50 : RATE + 50], 2)).max() < 0.003  # and does not click


def test_vibrato_swings_around_the_pitch(tmp_path):
    font = sine_font(tmp_path / "a.sf2")
    sound = play(font, notes((0, 2, 69, 100)), 2, style=Style((50.0, 0.5, 5.0)))[0]
    assert cents(pitch(sound[1000 : RATE // 2]), 441) == pytest.approx(0, abs=0.1)
    quarter = round((0.5 + 0.05) * RATE)  # where a turn of 5 Hz is highest
    assert cents(pitch(sound[quarter - 1500 : quarter + 1500]), 441) == pytest.approx(45, abs=8)


def test_a_pedal_hat_chokes_an_open_one():
    alone = play(FONT, notes((0, 0.1, 46, 110)), 1, bank=128)
    choked = play(FONT, notes((0, 0.1, 46, 110), (0.25, 0.3, 44, 1)), 1, bank=128)
    late = slice(round(0.27 * RATE), round(0.5 * RATE))
    assert decibels(choked[:, late]) < decibels(alone[:, late]) - 20


def test_a_drum_rings_out_however_short_its_note():
    short, long = (play(FONT, notes((0, end, 49, 110)), 1.5, bank=128) for end in (0.01, 1.4))
    assert np.allclose(short, long)


def test_a_program_the_font_lacks_is_played_by_its_family():
    font = SoundFont(FONT)
    assert font.nearest(0, 31) == (0, 25)  # guitar harmonics: a guitar
    assert font.nearest(0, 33) == (0, 33)
    assert font.nearest(128, 40) == (128, 0)
    assert all(font.nearest(0, program) for program in range(128))


def test_the_kit_is_as_big_as_said_and_carries_its_licence():
    assert 3e6 < FONT.stat().st_size < 6.5e6
    assert "Permission is hereby granted" in (FONT.parent / "LICENSE").read_text()
    assert all(SoundFont(FONT).has(bank, program) for bank, program in KIT)


def test_a_cut_font_sounds_the_same(tmp_path):
    riff = read_riff(FONT)
    (tmp_path / "a.sf3").write_bytes(riff_bytes(cut(riff, ((0, 34),))))
    assert (tmp_path / "a.sf3").stat().st_size < 0.1 * FONT.stat().st_size
    rows = notes((0, 0.5, 33, 90), (0.5, 1, 45, 120))
    assert np.array_equal(play(FONT, rows, program=34), play(tmp_path / "a.sf3", rows, program=34))


def test_a_cut_plain_font_sounds_the_same(tmp_path):
    whole = sine_font(tmp_path / "a.sf2")
    (tmp_path / "b.sf2").write_bytes(riff_bytes(cut(read_riff(whole), ((0, 0),))))
    rows = notes((0, 1, 60, 90))
    assert np.array_equal(play(whole, rows), play(tmp_path / "b.sf2", rows))


@pytest.mark.parametrize("content", [b"", b"RIFF", b"RIFF0000WAVEfmt ", b"RIFF0000sfbkLIST"])
def test_what_is_no_font_is_refused_in_a_line(tmp_path, content):
    (tmp_path / "bad.sf2").write_bytes(content)
    with pytest.raises(AudioError) as caught:
        SoundFont(tmp_path / "bad.sf2")
    assert "\n" not in str(caught.value)


def test_a_missing_font_is_named(tmp_path):
    with pytest.raises(AudioError, match=r"none\.sf2"):
        SoundFont(tmp_path / "none.sf2")


def test_a_font_cut_short_is_refused(tmp_path):
    whole = sine_font(tmp_path / "a.sf2").read_bytes()
    (tmp_path / "a.sf2").write_bytes(whole[: len(whole) - 300])
    with pytest.raises(AudioError, match="cut short"):
        SoundFont(tmp_path / "a.sf2")


def test_a_sample_that_cannot_be_decoded_is_told(tmp_path):
    riff = cut(read_riff(FONT), ((0, 80),))
    broken = Riff(riff.info, riff.tables, memoryview(bytes(len(riff.samples))))
    (tmp_path / "a.sf3").write_bytes(riff_bytes(broken))
    with pytest.raises(AudioError, match="cannot be decoded"):
        play(tmp_path / "a.sf3", notes((0, 1, 60, 100)), program=80)
