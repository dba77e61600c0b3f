"""Fit of the metre: a conditional logit over metres and shifts, on songs whose bars are known.

Freedoom and Tanner Helland's music where one time signature holds all through, POP909 by its annotation, and OpenEWLD's
tunes in three for the metres the others lack, their chord symbols played as block chords.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.errors import CorpusError
from engine.learn.grid import Laid, lay
from engine.learn.metre import METERS, SAME, SCALE, candidates, chances, right
from engine.learn.raw import Raw, RawTrack, Unheard, sound
from engine.learn.read import read
from engine.models.tables import Table, header
from engine.theory.meter import SLOT, Meter
from engine.train.base import DATE, Fitted, Score, Tell, held_out
from engine.train.corpora.freedoom import CORPUS, LICENCE
from engine.train.corpora.pop909_midi import aligned

Ints = NDArray[np.int64]
_PENALTY = 0.02
_COMMON_TUNES = 40  # of OpenEWLD's tunes in four


class Barred(NamedTuple):
    """A song of known bars: its candidates with and without the file's beginning, and which of them are right.

    laid, drums: what the candidates were made of. origin: slot of the file's beginning, None if its grid is its own.
    """

    song: str
    laid: Laid
    drums: NDArray[np.bool_]
    origin: float | None
    meter: Meter
    shift: int


def songs(data: Path) -> Iterator[Barred]:
    """Yield every song of known bars under ``data``; raises CorpusError."""
    for folder in ("freedoom_midi", "helland_free_music"):
        paths = sorted((data / folder / "midi").glob("*.mid"))
        if not paths:
            raise CorpusError(f"no MIDI files in {data / folder / 'midi'}")
        for path in paths:
            yield from _signed(f"{folder}/{path.stem}", path)
    for song in aligned(data):
        raw = sound(song.raw)
        laid = lay(raw)
        if not laid.tracked:
            shift = round(laid.place(float(song.beats[0])) / SLOT)
            meter = Meter(12, 8) if laid.compound else Meter(4, 4)
            yield Barred(f"pop909/{song.id}", laid, drummed(raw), origin_of(laid), meter, shift)
    yield from _tunes(data)


def drummed(raw: Raw) -> NDArray[np.bool_]:
    """Return which tracks lie on the drum channel."""
    return np.array([track.channel10 for track in raw.tracks])


def origin_of(laid: Laid) -> float | None:
    """Return the slot of the file's tick 0 if the grid is the file's own."""
    place = laid.place(0.0) / SLOT
    return place if not laid.tracked and abs(place - round(place)) < 0.1 else None


def fit(data: Path, tell: Tell) -> Fitted:
    """Fit the weights; the score is the bits a song's bars take on songs held out, against metres' frequencies."""
    found = list(songs(data))
    tell(f"{len(found)} songs of known bars")
    early = weigh([song for song in found if not held_out(song.song)]).arrays["weights"]
    late = [song for song in found if held_out(song.song)]
    bits, plain, hits = [], [], []
    usual = {meter: sum(SAME.get(song.meter, song.meter) == meter for song in found) + 1 for meter in METERS}
    for song in late:
        made = candidates(song.laid.notes, song.drums, song.origin)
        good = right(made, song.meter, song.shift)
        share = chances(made, early)
        hits.append(good[share.argmax()])
        bits.append(-np.log2(max(1e-9, float(share[good].sum()))))
        count = usual[METERS[made.meters[good.argmax()]]] / sum(usual.values())
        plain.append(-np.log2(count / METERS[made.meters[good.argmax()]].slots))
    tell(f"bars of {np.mean(hits):.3f} of the songs held out are right")
    score = Score("metre", "song", len(late), float(np.mean(bits)), float(np.mean(plain)))
    return Fitted({"metre": weigh(found)}, (score,))


def _signed(song: str, path: Path) -> Iterator[Barred]:
    try:
        raw = sound(next(read(path)))
        laid = lay(raw)
    except Unheard:
        return
    signs = {(over, under) for _, over, under in raw.meters}
    if len(signs) == 1 and not laid.tracked and not laid.compound and laid.swing == 50:
        meter = Meter(*signs.pop())
        if SAME.get(meter, meter) in (*METERS, Meter(2, 4)) and (origin := origin_of(laid)) is not None:
            yield Barred(song, laid, drummed(raw), origin, meter, round(origin))


def _tunes(data: Path) -> Iterator[Barred]:
    common = 0
    for path in sorted((data / "openewld" / "mxl").rglob("*.mxl")):
        with zipfile.ZipFile(path) as archive:
            text = archive.read(next(name for name in archive.namelist() if not name.startswith("META-INF")))
        signs = set(re.findall(rb"<beats>(\d+)</beats>\s*<beat-type>(\d+)</beat-type>", text))
        if len(signs) != 1:
            continue
        meter = Meter(*map(int, signs.pop()))
        if meter.slots == 16 or meter == Meter(2, 4):
            common += 1
            if common > _COMMON_TUNES:
                continue
        raw = sound(next(read(path)))
        laid = lay(chorded(raw))
        if len(raw.meters) == 1 and SAME.get(meter, meter) in (*METERS, Meter(2, 4)):
            yield Barred(f"openewld/{path.stem}", laid, np.zeros(2, bool), None, meter, raw.upbeat // SLOT)


def chorded(raw: Raw) -> Raw:
    """Return a lead sheet with its chord symbols played as block chords over a bass, on a track of their own."""
    ends = [at for at, _ in raw.chords[1:]] + [max(int((t.notes[:, 0] + t.notes[:, 1]).max()) for t in raw.tracks)]
    rows = []
    for (at, chord), end in zip(raw.chords, ends, strict=True):
        if chord is not None and end > at:
            rows.append((at, end - at, 36 + chord.bass, 80))
            rows += [(at, end - at, 48 + pc, 80) for pc in chord.pitch_classes]
    if not rows:
        return raw
    return Raw(raw.name, raw.resolution, (*raw.tracks, RawTrack(np.array(rows, np.int64))), scored=True)


def _weights(found: list[Barred]) -> Ints:
    from scipy.optimize import minimize

    made, truth, sizes = [], [], []
    for number, song in enumerate(found):
        # Every other song must do without the file's beginning.
        item = candidates(song.laid.notes, song.drums, song.origin if number % 2 else None)
        good = right(item, song.meter, song.shift)
        if good.any():
            made.append(item.features)
            truth.append(good)
            sizes.append(len(good))
    features, good = np.concatenate(made), np.concatenate(truth)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = features @ weights
        scores -= np.repeat(np.maximum.reduceat(scores, starts), sizes)
        like = np.exp(scores)
        total = np.add.reduceat(like, starts)
        told = np.add.reduceat(like * good, starts)
        share = like / np.repeat(total, sizes) - like * good / np.repeat(np.maximum(told, 1e-300), sizes)
        value = float(np.log(total).sum() - np.log(np.maximum(told, 1e-300)).sum())
        penalty = _PENALTY * len(sizes) / 100
        return value + penalty * float(weights @ weights), features.T @ share + 2 * penalty * weights

    done = minimize(loss, np.zeros(features.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 200})
    weights: Ints = np.round(done.x * SCALE).astype(np.int64)
    return weights


def weigh(found: list[Barred]) -> Table:
    """Return the table of weights that make the songs' own bars likeliest."""
    return Table(
        dict(
            header(
                corpus=f"{CORPUS}; POP909; OpenEWLD",
                licence=f"{LICENCE}; MIT (POP909); public domain and MIT (OpenEWLD)",
                command="hookline train listen",
                date=DATE,
                about="weights, in thousandths, of the accents that tell a metre and its bar lines",
                meters=[str(meter) for meter in METERS],
            )
        ),
        {"weights": _weights(found).astype(np.int32)},
    )
