"""Loudness, limiter, compressor, equaliser and amplifier against answers from their definitions."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest
from scipy.signal import freqz, resample_poly
from sounds import RATE, decibels

from engine.audio.dsp import HOP, Band, Compressor, Convolver, Drive, Equaliser, cabinet, ramps, room
from engine.audio.loudness import Meter, integrated
from engine.audio.master import gains


def sine(hertz, seconds=1.0, size=1.0, phase=0.0):
    count = int(seconds * RATE) // HOP * HOP
    return (size * np.sin(2 * np.pi * hertz * np.arange(count) / RATE + phase)).astype(np.float32)


def stereo(wave):
    return np.stack((wave, wave))


def noise(seconds, seed=1):
    count = int(seconds * RATE) // HOP * HOP
    return (np.random.default_rng(seed).standard_normal((2, count)) * 0.1).astype(np.float32)


def measured(signal, block=HOP * 100):
    meter = Meter()
    for start in range(0, signal.shape[1], block):
        meter.hear(signal[:, start : start + block])
    return meter


def test_a_full_sine_on_one_side_is_three_below_full_scale():
    # ITU-R BS.1770-4, annex 1: 0 dBFS at 997 Hz reads -3.01 LKFS.
    wave = sine(997, 2)
    assert integrated(measured(np.stack((wave, np.zeros_like(wave)))).energies) == pytest.approx(-3.01, abs=0.01)


@pytest.mark.parametrize("shape", ["steady", "gated"])
def test_loudness_is_that_of_pyloudnorm(shape):
    signal = noise(6)
    if shape == "gated":
        signal[:, signal.shape[1] // 2 :] *= 0.01
    meter = pyloudnorm.Meter(RATE)
    assert integrated(measured(signal).energies) == pytest.approx(
        meter.integrated_loudness(signal.T.astype(np.float64)), abs=0.05
    )


def test_silence_has_no_loudness():
    assert integrated(measured(np.zeros((2, RATE // HOP * HOP), np.float32)).energies) == -np.inf


def test_the_true_peak_lies_between_samples():
    # A quarter of the rate, an eighth of a turn late: every sample is 3 dB below the crest.
    signal = stereo(sine(RATE / 4, 0.5, phase=np.pi / 4))
    assert np.abs(signal).max() == pytest.approx(0.7071, abs=0.001)
    assert measured(signal).peaks[20:-20].max() == pytest.approx(1, abs=0.03)


def true_peak(signal):
    return max(float(np.abs(resample_poly(side.astype(np.float64), 16, 1)).max()) for side in signal)


@pytest.mark.parametrize("loud", [-30.0, -14.0, -10.0])
def test_mastering_reaches_the_loudness_under_the_ceiling(loud):
    signal = noise(5)
    for at in range(0, signal.shape[1] - 400, RATE // 3):
        signal[:, at : at + 300] += 0.8  # drum strokes
    setting = gains(measured(signal), loud, -1.0)
    out = signal * ramps(setting.edges)
    assert integrated(measured(out).energies) == pytest.approx(loud, abs=0.1)
    assert 20 * np.log10(true_peak(out)) < -1.0


def test_a_loops_limiter_comes_round_to_where_it_began():
    signal = noise(2)
    signal[:, :200] += 0.9
    signal[:, -300:] -= 0.9
    edges = gains(measured(signal), -12, -1, loop=True).edges
    assert edges[0] == pytest.approx(edges[-1])
    assert edges[-1] < 0.9 * np.median(edges)


def test_silence_is_left_alone():
    setting = gains(measured(np.zeros((2, HOP * 900), np.float32)), -14, -1)
    assert (setting.edges == 1).all()


@pytest.mark.parametrize(
    ("band", "hertz", "wanted"),
    [
        (Band("peak", 1000, 6, 1), 1000, 6),
        (Band("peak", 1000, 6, 1), 60, 0),
        (Band("low", 200, -4), 20, -4),
        (Band("low", 200, -4), 4000, 0),
        (Band("high", 4000, 5), 18000, 5),
        (Band("high", 4000, 5), 100, 0),
        (Band("cut low", 100), 100, -3.01),
        (Band("cut low", 100), 25, -24.1),
        (Band("cut high", 4000), 4000, -3.01),
        (Band("cut high", 4000), 100, 0),
    ],
)
def test_bands_do_what_they_say(band, hertz, wanted):
    out = Equaliser([band])(sine(hertz, 2))
    assert decibels(out[RATE:]) - decibels(sine(hertz, 2)[RATE:]) == pytest.approx(wanted, abs=0.15)


def test_convolution_in_blocks_is_convolution():
    signal, response = noise(0.5)[0], noise(0.2, 2)[0][:3000]
    device = Convolver(response)
    out = np.concatenate([device(signal[at : at + HOP * 50]) for at in range(0, len(signal), HOP * 50)])
    assert np.allclose(out, np.convolve(signal, response)[: len(signal)], atol=1e-4)


def test_a_compressor_turns_down_by_its_ratio():
    device = Compressor(-20, 4, 0.005, 100)
    out = device(stereo(sine(500, 2, size=10 ** (-8 / 20))))
    assert decibels(out[0, RATE:]) == pytest.approx(-8 - 3.01 - 12 * 3 / 4, abs=0.2)


def test_a_compressor_leaves_what_is_soft():
    signal = stereo(sine(500, 1, size=0.05))
    assert np.array_equal(Compressor(-20, 4, 0.005, 100)(signal), signal)


@pytest.mark.parametrize(
    "device",
    [
        lambda: Compressor(-30, 3, 0.01, 50),
        lambda: Drive((5.0, 2.0), 0.1),
        lambda: Equaliser([Band("peak", 900, 5)]),
        lambda: Convolver(cabinet((100, 1000, 5000), (0.5, 1, 0.1))),
    ],
)
def test_devices_do_not_hear_where_blocks_end(device):
    signal = noise(1)[0]
    whole = device()(signal)
    halves, cutting = device(), HOP * 211
    parts = np.concatenate((halves(signal[:cutting]), halves(signal[cutting:])))
    assert np.abs(whole - parts).max() < 1e-5


def test_an_amplifier_is_clean_when_soft_and_bounded_when_loud():
    soft = sine(440, 1, 1e-4)
    assert decibels(Drive((1.0,))(soft)[4000:]) - decibels(soft[4000:]) == pytest.approx(0, abs=0.5)
    assert np.abs(Drive((20.0, 5.0))(sine(440, 1))).max() < 1.6


def test_an_amplifier_folds_little_back():
    # Harmonics of a prime share of the rate; what lies between them has been folded.
    count = 1 << 16
    wave = np.sin(2 * np.pi * 4001 * np.arange(count + 4000) / count).astype(np.float32)
    spectrum = np.abs(np.fft.rfft(Drive((4.0,))(wave)[4000:] * np.hanning(count))) ** 2
    bins = np.arange(len(spectrum))
    near = np.minimum(bins % 4001, 4001 - bins % 4001) < 4
    assert 10 * np.log10(spectrum[~near].sum() / spectrum[near].sum()) < -40


def test_a_cabinet_has_the_gains_it_was_given():
    _, found = freqz(cabinet((100, 1000, 5000), (0.5, 1.0, 0.1)), worN=[100, 1000, 5000], fs=RATE)
    assert np.abs(found) == pytest.approx([0.5, 1.0, 0.1], abs=0.06)


def test_the_room_fades_and_its_sides_differ():
    sides = room()
    assert decibels(sides[:, RATE // 20 : RATE // 10]) > decibels(sides[:, RATE : RATE + RATE // 20]) + 30
    assert abs(np.corrcoef(sides)[0, 1]) < 0.1
    assert np.array_equal(room(), sides)
