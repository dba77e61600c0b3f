"""How well are files heard? Every stage against songs whose answer is known, on songs that its tables did not see.

    python benchmarks/listen.py ../shared/data [--songs N]

Tables are fitted anew without the held-out fifth of the songs, then whole files of that fifth are heard: POP909's
arrangements against their annotated bars, chords, keys and phrases; Freedoom and Tanner Helland's music without their
time signatures, as they are and with an odd number of slots cut off their beginning. Roles are cross-validated by song.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.learn.listen import hear
from engine.learn.raw import START, Raw, Unheard, sound
from engine.learn.roles import ROLES
from engine.learn.smf import read_midi
from engine.learn.song import Heard, HeardChord
from engine.models.tables import pack
from engine.train import fit_chord_hmm, fit_key, fit_metre, fit_roles, fit_stretches
from engine.train.base import held_out
from engine.train.corpora.pop909_midi import Aligned, aligned

_NAMES = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
_HARTE = {"5": "5", "6": "maj6", "add9": "maj(9)", "hdim": "hdim7", "7": "7", "9": "9", "min9": "min9"}


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("data", type=Path)
    ask.add_argument("--songs", type=int, default=10_000)
    told = ask.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        models = Path(folder)
        roles(told.data, models)
        barred = fit_early(told.data, models)
        pop = [song for song in aligned(told.data) if held_out(f"pop909/{song.id}")][: told.songs]
        arrangements(pop, models)
        bars(told.data, barred, models)
        speed(told.data, models)


def roles(data: Path, models: Path) -> None:
    found = fit_roles.told(data)
    truth, guess, where = fit_roles.cross_validate(found)
    print(f"roles, 5-fold by song: {np.mean(truth == guess):.3f} of {len(truth)} named tracks")
    for corpus in ("pop909", "freedoom", "helland"):
        mine = np.array([song.startswith(corpus) for song in where])
        print(f"    {corpus:10}{np.mean((truth == guess)[mine]):.3f} of {mine.sum()}")
    for number, role in enumerate(ROLES):
        share = np.bincount(guess[truth == number], minlength=len(ROLES)) / max(1, (truth == number).sum())
        print(f"    {role:10}" + "  ".join(f"{other} {part:.2f}" for other, part in zip(ROLES, share, strict=True)))
    early = fit_roles.grow([item for item in found if not held_out(item.song)])
    (models / "roles.npz").write_bytes(pack(early))


def fit_early(data: Path, models: Path) -> list[fit_metre.Barred]:
    barred = list(fit_metre.songs(data))
    early = [song for song in barred if not held_out(song.song)]
    (models / "metre.npz").write_bytes(pack(fit_metre.weigh(early)))
    songs = [
        item for song in aligned(data) if not held_out(f"pop909/{song.id}") and (item := fit_chord_hmm.chorded(song))
    ]
    chords = fit_chord_hmm.model(songs)
    (models / "chords.npz").write_bytes(pack(chords))
    (models / "key.npz").write_bytes(pack(fit_key.weigh(songs)))
    phrased = [item for item in fit_stretches.phrases(data, chords) if not held_out(item.song)]
    (models / "stretches.npz").write_bytes(pack(fit_stretches.weigh(phrased)))
    return barred


def arrangements(pop: list[Aligned], models: Path) -> None:
    """Bars, chords, keys and phrases of whole arrangements, all found by ear and end to end."""
    import mir_eval

    warnings.filterwarnings("ignore", module="mir_eval")
    rows, keys, lines = [], [], []
    for song in pop:
        heard, start, scale = _heard(song, models)
        seconds = np.diff(song.beats[:2])[0] / song.raw.resolution * 60 / heard.tempo
        reference = [(first * seconds, (first + n) * seconds, symbol) for first, n, symbol in song.chords]
        estimate = [(start + c.start * scale, start + (c.start + c.length) * scale, harte(c)) for c in heard.chords]
        row = chord_scores(mir_eval, reference, estimate)
        keys.append(
            (heard.key.tonic == fit_chord_hmm.state_of(song.key) // 4, heard.key.minor == song.key.endswith("min"))
        )
        truth = (song.beats[::4] - song.beats[0]) / song.raw.resolution * 60 / heard.tempo
        lines.append(bar_score(truth, start + heard.bars * scale))
        row += segment_scores(mir_eval, song, heard, start, scale, 4 * seconds)
        rows.append(row)
    table = np.array(rows)
    print(f"POP909, whole files by ear, {len(pop)} songs held out (mean, and median song)")
    names = ("majmin", "root", "thirds", "sevenths", "boundaries 0.5 s", "boundaries 3 s", "pairwise", "V-measure")
    for name, column in zip(names, table.T, strict=True):
        print(f"    {name:18}{column.mean():.3f}  {np.median(column):.3f}")
    print(f"    {'bar lines':18}{np.mean(lines):.3f}  {np.mean(np.array(lines) > 0.9):.3f} of songs whole")
    print(f"    {'tonic':18}{np.mean([a for a, _ in keys]):.3f}  {np.mean([a and b for a, b in keys]):.3f} with mode")


def _heard(song: Aligned, models: Path) -> tuple[Heard, float, float]:
    # The song as heard, and how its ticks become seconds from the first annotated beat.
    raw = read_midi(song.data, song.id)
    heard = hear(raw, models)
    from engine.learn.grid import lay

    laid = lay(sound(raw))
    scale = 60 / heard.tempo / 480
    first = min(int(track.notes[:, 0].min()) for track in heard.tracks)
    shift = first - int(laid.notes[:, START].min())
    return heard, -(laid.place(float(song.beats[0])) + shift) * scale, scale


def harte(span: HeardChord) -> str:
    if span.chord is None:
        return "N"
    quality = _HARTE.get(span.chord.quality, span.chord.quality)
    return f"{_NAMES[span.chord.root]}:{quality}"


def chord_scores(mir_eval, reference, estimate) -> list[float]:  # type: ignore[no-untyped-def]
    ref = np.array([row[:2] for row in reference])
    est = np.array([row[:2] for row in estimate])
    labels = [row[2] for row in reference]
    est, names = mir_eval.util.adjust_intervals(est, [row[2] for row in estimate], ref.min(), ref.max(), "N", "N")
    spans, mine, theirs = mir_eval.util.merge_labeled_intervals(ref, labels, est, names)
    lengths = mir_eval.util.intervals_to_durations(spans)
    found = []
    for measure in (mir_eval.chord.majmin, mir_eval.chord.root, mir_eval.chord.thirds, mir_eval.chord.sevenths):
        found.append(mir_eval.chord.weighted_accuracy(measure(mine, theirs), lengths))
    return found


def segment_scores(mir_eval, song: Aligned, heard: Heard, start: float, scale: float, bar: float) -> list[float]:  # type: ignore[no-untyped-def]
    best = [0.0] * 4
    for labelling in song.phrases:
        labelling = tuple(phrase for phrase in labelling if phrase[2])
        ref = np.array([(first * bar, (first + n) * bar) for _, first, n in labelling])
        labels = [letter for letter, _, _ in labelling]
        bounds = start + heard.bars * scale
        est = np.array([(bounds[p.first], bounds[p.first + p.bars]) for p in heard.phrases])
        names = [phrase.label for phrase in heard.phrases]
        est, names = mir_eval.util.adjust_intervals(est, names, ref.min(), ref.max(), "-", "-")
        long = np.diff(est, axis=1).ravel() > 0
        est, names = est[long], [name for name, kept in zip(names, long, strict=True) if kept]
        tight = mir_eval.segment.detection(ref, est, window=0.5)[2]
        wide = mir_eval.segment.detection(ref, est, window=3)[2]
        pair = mir_eval.segment.pairwise(ref, labels, est, names)[2]
        vee = mir_eval.segment.nce(ref, labels, est, names)[2]
        # Two annotations, both valid: the one that is nearer counts.
        if pair > best[2]:
            best = [tight, wide, pair, vee]
    return best


def bar_score(truth: np.ndarray, found: np.ndarray) -> float:
    """F-measure of bar lines within a thirty-second of a slow bar (70 ms)."""
    inside = found[(found > truth[0] - 0.1) & (found < truth[-1] + 0.1)]
    if not len(inside):
        return 0.0
    gap = np.abs(truth[:, None] - inside[None, :]) < 0.07
    recall, precision = gap.any(axis=1).mean(), gap.any(axis=0).mean()
    return float(2 * recall * precision / max(recall + precision, 1e-9))


def bars(data: Path, barred: list[fit_metre.Barred], models: Path) -> None:
    """Bar lines of files stripped of their signature: as they are, and begun at another slot."""
    late = [song for song in barred if held_out(song.song) and not song.song.startswith(("pop909", "openewld"))]
    for cut in (0, 5):
        scores, meters = [], []
        for song in late:
            folder, _, name = song.song.partition("/")
            raw = read_midi((data / folder / "midi" / f"{name}.mid").read_bytes(), name)
            raw = stripped(raw, cut)
            heard = hear(raw, models)
            first = min(int(track.notes[:, 0].min()) for track in heard.tracks)
            origin = first - int(song.laid.notes[:, START].min())
            truth = np.arange(origin, heard.bars[-1] + 1, song.meter.bar)
            truth = truth[truth >= heard.bars[0]] * 60 / heard.tempo / 480
            scores.append(bar_score(truth, heard.bars * 60 / heard.tempo / 480) if len(truth) > 1 else 0.0)
            meters.append(heard.meter == fit_metre.SAME.get(song.meter, song.meter))
        whole = np.mean(np.array(scores) > 0.9)
        print(
            f"bars without signature, cut {cut} slots: {np.mean(scores):.3f} of bar lines, "
            f"{whole:.3f} of {len(late)} songs whole, {np.mean(meters):.3f} of metres"
        )


def stripped(raw: Raw, cut: int) -> Raw:
    """Return a file without time signatures and moved later by ``cut`` sixteenths, so that its zero is no bar line."""
    by = cut * raw.resolution // 4
    tracks = []
    for track in raw.tracks:
        notes = track.notes.copy()
        notes[:, START] += by
        tracks.append(replace(track, notes=notes))
    tempos = tuple((at + by if at else 0, micros) for at, micros in raw.tempos)
    return replace(raw, meters=(), tracks=tuple(tracks), tempos=tempos, markers=())


def speed(data: Path, models: Path) -> None:
    files = [path.read_bytes() for path in sorted((data / "freedoom_midi" / "midi").glob("*.mid"))]
    began, done = time.process_time(), 0
    for number, content in enumerate(files):
        try:
            hear(read_midi(content, str(number)), models)
            done += 1
        except Unheard as error:
            print(f"    {number}: {error}")
    spent = time.process_time() - began
    print(f"speed: {done / spent:.0f} files a second and core ({1000 * spent / done:.1f} ms each)")


if __name__ == "__main__":
    main()
