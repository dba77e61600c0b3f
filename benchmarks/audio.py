"""What a rendering costs, and how it measures: loudness, spectrum, and the parts against one another.

    python benchmarks/audio.py [--songs 5] [--style rock] [--seed 1] [--bars 100 1000] [--json]

Songs are composed, played and mixed with the kit of the package, and measured as they sound: CPU seconds of this
process (one thread), loudness and true peak of the master, its spectrum and image beside those of rock records,
each part's loudness beside the mix's and beside professional mixes, the voice beside all others while it sings.

--bars renders songs of so many bars of one MIDI file in processes of their own and tells what memory they took.

What records are like:
- ROCK: 10th, 50th and 90th percentile over 6,964 rock recordings of the Free Music Archive, and PARTS: the same over
  100 professional mixes of MUSDB18-HQ, both as measured and published by the project lacquer
  (github.com/takakhoo/lacquer, remaster/mastering_norms.json); measured here as there.
- The average of number-one hits falls by 5 dB an octave from 100 Hz to 4 kHz: P. Pestana, Z. Ma, J. Reiss,
  A. Barbosa and D. Black, "Spectral characteristics of popular commercial recordings 1950-2010", AES convention 135
  (2013), paper 8960.
- The lead voice is as loud as its band on average in rock: K. Gerdes and K. Siedenburg, "Lead-vocal level in
  recordings of popular music 1946-2020", JASA Express Letters 3, 043201 (2023).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import soundfile  # noqa: E402
from scipy.signal import resample_poly, welch  # noqa: E402

import engine  # noqa: E402
from engine.audio.loudness import Meter, integrated  # noqa: E402
from engine.audio.render import render  # noqa: E402
from engine.audio.score import song_score  # noqa: E402
from engine.audio.wave import RATE  # noqa: E402

THIRDS = tuple(1000 * 2 ** (k / 3) for k in range(-17, 13))  # 20 Hz .. 16 kHz
# Third octaves in dB of the whole; dB an octave from 100 Hz to 10 kHz; peak above loudness; sides less middle, dB.
ROCK = {
    "thirds": (
        (
            *(-51.5, -48.9, -46.2, -37.8, -32.1, -25.7, -22.2, -18.7, -16.3, -16.3, -15.3, -17.1, -17.8, -18.2, -18.5),
            *(-18.4, -19.0, -20.3, -20.7, -20.8, -21.5, -22.3, -24.0, -26.0, -28.9, -31.5, -34.1, -37.5, -43.5, -51.8),
        ),
        (
            *(-38.7, -35.9, -32.7, -24.5, -20.5, -15.9, -14.3, -12.8, -11.7, -12.1, -11.4, -13.1, -13.6, -14.0, -13.9),
            *(-13.5, -14.0, -15.4, -15.7, -15.7, -16.0, -16.2, -17.6, -19.6, -22.0, -24.1, -26.1, -28.5, -32.1, -38.0),
        ),
        (
            *(-27.7, -24.5, -21.6, -15.1, -12.5, -9.6, -9.2, -8.5, -8.0, -8.4, -8.2, -9.5, -10.0, -10.3, -10.2),
            *(-9.5, -10.2, -11.6, -12.1, -12.0, -12.0, -11.9, -13.0, -14.7, -16.9, -18.7, -20.2, -22.1, -24.6, -28.6),
        ),
    ),
    "slope": (-6.5, -5.0, -3.8),
    "peak_to_loudness": (7.2, 10.5, 14.6),
    "width": (-23.7, -10.7, -5.0),
}
# Loudness of a part beside the mix, LU.
PARTS = {
    "melody": (-5.6, -3.5, -1.7),
    "drums": (-10.9, -6.6, -4.3),
    "bass": (-11.0, -7.5, -3.3),
    "guitars": (-8.7, -4.8, -2.6),
}


def measure(song: engine.Song, folder: Path) -> dict[str, object]:
    score = song_score(song)
    before = time.process_time()
    render(score, [str(folder / "alone.wav")])
    cost = time.process_time() - before
    render(score, [str(folder / "song.wav")], stems=True)
    master = sound(folder / "song.wav")
    names = [track.name for track in score.tracks]
    parts = {name: energies(sound(folder / f"song-{name}.wav")) for name in names}
    mix_file = sound(folder / "song-mix.wav")
    mix = integrated(energies(mix_file))
    added = np.zeros_like(mix_file)
    for name in names:
        added += sound(folder / f"song-{name}.wav")
    seconds = master.shape[1] / RATE
    found = spectrum(master)
    guitars = [name for name in names if name not in PARTS]
    shares = {name: integrated(parts[name]) - mix for name in PARTS if name in parts}
    if guitars:
        shares["guitars"] = integrated(energies(sum(sound(folder / f"song-{name}.wav") for name in guitars))) - mix
    return {
        "seed": song.request.seed,
        "seconds": round(seconds, 1),
        "cpu": round(cost, 2),
        "times_real_time": round(seconds / cost, 1),
        "lufs": round(integrated(energies(master)), 2),
        "true_peak": round(true_peak(master), 2),
        **{
            name: [round(v, 1) for v in value] if isinstance(value, list) else round(value, 1)
            for name, value in found.items()
        },
        "parts": {name: round(share, 1) for name, share in shares.items()},
        "voice": round(voice(parts), 1),
        "stems_off": round(level(added - mix_file) - level(mix_file), 1),
    }


def sound(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="float32")[0].T


def energies(signal: np.ndarray) -> np.ndarray:
    meter = Meter(true_peak=False)
    meter.hear(signal[:, : signal.shape[1] // 63 * 63])
    return meter.energies


def level(signal: np.ndarray) -> float:
    return 10 * float(np.log10(np.mean(np.square(signal, dtype=np.float64)) + 1e-20))


def true_peak(signal: np.ndarray) -> float:
    """Return the peak of eight times the samples, in dB."""
    step, beside = 8 * RATE, 200
    peak = 0.0
    for start in range(0, signal.shape[1], step):
        wide = resample_poly(signal[:, max(start - beside, 0) : start + step + beside], 8, 1, axis=1)
        peak = max(peak, float(np.abs(wide).max()))
    return 20 * float(np.log10(peak))


def spectrum(signal: np.ndarray) -> dict[str, object]:
    """Return third octaves in dB of the whole, their slope, sides less middle, and the peak above the loudness."""
    middle, sides = (signal[0] + signal[1]) / 2, (signal[0] - signal[1]) / 2
    hertz, power = welch(middle, RATE, nperseg=8192, noverlap=4096)
    beside = welch(sides, RATE, nperseg=8192, noverlap=4096)[1]
    both = power + beside
    edge = 2 ** (1 / 6)
    bands = np.array([both[(hertz >= f / edge) & (hertz < f * edge)].sum() + 1e-20 for f in THIRDS]) / both.sum()
    thirds = 10 * np.log10(bands)
    middle_range = (np.array(THIRDS) >= 100) & (np.array(THIRDS) <= 10_000)
    slope = np.polyfit(np.log2(np.array(THIRDS)[middle_range]), thirds[middle_range], 1)[0] - 3
    return {
        "thirds": [float(value) for value in thirds],
        "slope": float(slope),
        "width": 10 * float(np.log10(beside.sum() / power.sum())),
        "peak_to_loudness": true_peak(signal) - integrated(energies(signal)),
    }


def voice(parts: dict[str, np.ndarray]) -> float:
    """Return by how many dB the melody is above all others together, while it sings."""
    frames = {name: np.add.reduceat(found, np.arange(0, len(found), 70)) for name, found in parts.items()}
    sung = frames["melody"]
    there = sung > 0.05 * np.median(sung[sung > sung.max() * 1e-3])
    others = sum(found for name, found in frames.items() if name != "melody")
    return 10 * float(np.log10(sung[there].sum() / others[there].sum()))


def memory(bars: int) -> dict[str, object]:
    """Render a song repeated to so many bars in a process of its own; gives what it took."""
    code = (
        "import resource, sys, tempfile\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "import numpy as np, engine\n"
        "from engine.audio.render import render\n"
        "from engine.audio.score import Score, song_score\n"
        "song = engine.compose(seed=1)\n"
        "score = song_score(song)\n"
        f"bars = {bars}\n"
        "length = score.bars[-1]\n"
        "turns = -(-bars // song.bars)\n"
        "end = (bars // song.bars) * length + score.bars[bars % song.bars]\n"
        "tracks = []\n"
        "for track in score.tracks:\n"
        "    rows = np.concatenate([track.notes + np.array([1, 1, 0, 0, 0]) * k * length for k in range(turns)])\n"
        "    tracks.append(track._replace(notes=rows[rows[:, 0] < end]))\n"
        "with tempfile.TemporaryDirectory() as folder:\n"
        "    (told,) = render(Score(tuple(tracks), (0, end), (0,)), [folder + '/a.flac'])\n"
        "use = resource.getrusage(resource.RUSAGE_SELF)\n"
        "print(told.samples / 44100, use.ru_utime + use.ru_stime, use.ru_maxrss / 1024, told.lufs)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    seconds, cpu, peak, lufs = map(float, done.stdout.split())
    return {
        "bars": bars,
        "seconds": round(seconds),
        "cpu": round(cpu, 1),
        "megabytes": round(peak),
        "lufs": round(lufs, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--songs", type=int, default=5)
    parser.add_argument("--style", default="rock")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bars", type=int, nargs="*", default=[])
    parser.add_argument("--json", action="store_true")
    words = parser.parse_args()
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(words.seed, words.seed + words.songs):
            found.append(measure(engine.compose(style=words.style, seed=seed), Path(folder)))
            if not words.json:
                print(line(found[-1]), flush=True)
    long = [memory(bars) for bars in words.bars]
    if words.json:
        print(json.dumps({"songs": found, "long": long}, indent=1))
        return
    if found:
        print(beside_records(found))
    for row in long:
        print(" ".join(f"{key} {value}" for key, value in row.items()))


def line(song: dict[str, object]) -> str:
    parts = " ".join(f"{name} {value:+.1f}" for name, value in song["parts"].items())  # type: ignore[attr-defined]
    return (
        f"seed {song['seed']}: {song['seconds']} s in {song['cpu']} CPU s ({song['times_real_time']}x), "
        f"{song['lufs']} LUFS, {song['true_peak']} dBTP, voice {song['voice']:+.1f} dB; {parts} LU; "
        f"slope {song['slope']}, width {song['width']}, stems off {song['stems_off']} dB"
    )


def beside_records(songs: list[dict[str, object]]) -> str:
    """Return the songs' medians beside records, a line each; a star where they lie outside 10 .. 90 percent."""

    def row(name: str, ours: float, records: tuple[float, float, float]) -> str:
        star = "" if records[0] <= ours <= records[2] else "  *"
        return f"{name:>18} {ours:7.1f}   {records[1]:7.1f} ({records[0]:.1f} .. {records[2]:.1f}){star}"

    def middle(values: list[float]) -> float:
        return statistics.median(values)

    lines = [f"{'':>18} {'ours':>7}   {'records':>7} (10 .. 90 %)"]
    for name in ("slope", "peak_to_loudness", "width"):
        lines.append(row(name, middle([song[name] for song in songs]), ROCK[name]))  # type: ignore[misc, arg-type]
    for name, records in PARTS.items():
        shares = [song["parts"][name] for song in songs if name in song["parts"]]  # type: ignore[index, operator]
        lines.append(row(name, middle(shares), records))
    for k, hertz in enumerate(THIRDS):
        ours = middle([song["thirds"][k] for song in songs])  # type: ignore[index]
        lines.append(row(f"{hertz:.0f} Hz", ours, tuple(band[k] for band in ROCK["thirds"])))  # type: ignore[arg-type]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
