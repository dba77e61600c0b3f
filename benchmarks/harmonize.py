"""How near are chords for a melody to its own? On the held-out fifth of three corpora, by tables fitted on the rest.

    python benchmarks/harmonize.py ../shared/data [--songs N] [--style STYLE] [--per bar]

A stretch is right if root and third are those of the chord that most of it has. Beside the model stand the commonest
chord (the tonic), a bigram that is told the true chord before (left to itself it would say the commonest all through),
and the chord most of whose tones are sung. The key is the annotated one, or found in the melody. CTnCTR, PCS and MCTD
(Yeh et al. 2021) tell how the melody sits on the chords.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from engine.alone.harmonize import decoded
from engine.measure.harmony import chord_changes, fit_measures
from engine.measure.piece import Harmony, Piece
from engine.models import tables
from engine.models.harmonize import PER, STATES, costs, features, find_key, model
from engine.style import load
from engine.train import fit_harmonize
from engine.train.base import held_out
from engine.train.tunes import Tune, tunes

# The style whose songs are most like those of a corpus.
STYLES = {"rs200": "rock", "pop909": "chinese-pop", "openewld": "folk-rock"}
_TRIADS = ((0, 4, 7), (0, 3, 7))


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("data", type=Path)
    ask.add_argument("--songs", type=int, default=10_000, help="of each corpus")
    ask.add_argument("--style", help="of all, in place of one for each corpus")
    ask.add_argument("--per", choices=PER)
    told = ask.parse_args()
    known = list(tunes(told.data))
    early = [tune for tune in known if not held_out(tune.work)]
    late = [tune for tune in known if held_out(tune.work)]
    with tempfile.TemporaryDirectory() as folder:
        models = Path(folder)
        (models / "harmonize.npz").write_bytes(tables.pack(fit_harmonize.model(early)))
        keys(late, models)
        for per in (told.per,) if told.per else PER:
            for corpus in STYLES:
                mine = [tune for tune in late if tune.corpus == corpus][: told.songs]
                compare(corpus, mine, early, per, told.style or STYLES[corpus], models)


def keys(late: list[Tune], models: Path) -> None:
    for corpus in STYLES:
        mine = [tune for tune in late if tune.corpus == corpus]
        found = [find_key(tune.notes, tune.bars, models) for tune in mine]
        tonic = np.mean([tune.tonic == key[0] for tune, key in zip(mine, found, strict=True)])
        both = np.mean([(tune.tonic, tune.minor) == key for tune, key in zip(mine, found, strict=True)])
        print(f"key of {len(mine)} melodies of {corpus}: tonic {tonic:.3f}, with mode {both:.3f}")


def compare(corpus: str, late: list[Tune], early: list[Tune], per: str, style: str, models: Path) -> None:
    after = bigram(early, per)
    band = load(style)

    def by_model(tune: Tune, tonic: int, minor: bool) -> list[int]:
        beats = np.full(len(tune.bars) - 1, tune.meter.beat)
        return list(decoded(tune.notes, tune.bars, beats, tonic, minor, per, 1, band, models)[1][0][1])

    def found_key(tune: Tune, truth: np.ndarray) -> list[int]:
        tonic, minor = find_key(tune.notes, tune.bars, models)
        return [(state + 2 * (tonic - tune.tonic)) % STATES for state in by_model(tune, tonic, minor)]

    def one_step(tune: Tune, truth: np.ndarray) -> list[int]:
        """Return the likeliest chord of each stretch, the true one before it known, as the bigram knows it."""
        found = fit_harmonize.seen(tune, per)
        learnt = model(models, tune.minor, per)
        spoken = costs(learnt, features(tune.notes, found.found, tune.tonic))
        before = np.append(int(tune.minor), np.where(truth[:-1] >= 0, truth[:-1], int(tune.minor)))
        return [int(state) for state in (spoken + learnt.moves[found.found.places, before]).argmin(axis=1)]

    ways: dict[str, Callable[[Tune, np.ndarray], list[int]]] = {
        "commonest chord": lambda tune, truth: [int(tune.minor)] * len(truth),
        "bigram, true chord before": lambda tune, truth: [
            int(after[tune.minor][before]) for before in [int(tune.minor), *truth[:-1]]
        ],
        "most tones sung": lambda tune, truth: most_sung(tune, per),
        "model, true chord before": lambda tune, truth: one_step(tune, truth),
        "model": lambda tune, truth: by_model(tune, tune.tonic, tune.minor),
        "model, key found": found_key,
        "the song's own": lambda tune, truth: truth.tolist(),
    }
    print(f"\n{corpus}, {len(late)} melodies, a chord a {per}, style {style}")
    print(f"    {'':28}{'right':>7}{'CTnCTR':>8}{'PCS':>7}{'MCTD':>7}{'changes':>9}{'tonic':>7}")
    for name, way in ways.items():
        right = count = home = 0
        fits, changes, bars = [], 0, 0
        for tune in late:
            seen = fit_harmonize.seen(tune, per)
            truth = seen.states
            guess = np.array(way(tune, truth))
            at = np.flatnonzero(truth >= 0)
            right, count = right + int((guess[at] == truth[at]).sum()), count + len(at)
            home += int((guess[at] == int(tune.minor)).sum())
            piece = piece_of(tune, seen.found.starts, guess)
            fits.append(fit_measures(piece))
            changes, bars = changes + len(chord_changes(piece)) - 1, bars + piece.bars
        means = [np.nanmean([row.get(key, np.nan) for row in fits]) for key in ("CTnCTR", "PCS", "MCTD")]
        told = "".join(f"{mean:{width}.3f}" for mean, width in zip(means, (8, 7, 7), strict=True))
        print(f"    {name:28}{right / count:7.3f}{told}{changes / bars:9.2f}{home / count:7.2f}")


def bigram(early: list[Tune], per: str) -> list[np.ndarray]:
    """Return the likeliest chord after each, in major and in minor."""
    found = []
    for minor in (False, True):
        counts = np.zeros((STATES, STATES), np.int64)
        for states in (fit_harmonize.seen(tune, per).states for tune in early if tune.minor is minor):
            known = (states[1:] >= 0) & (states[:-1] >= 0)
            np.add.at(counts, (states[:-1][known], states[1:][known]), 1)
        found.append(counts.argmax(axis=1))
    return found


def most_sung(tune: Tune, per: str) -> list[int]:
    """Return for each stretch the chord whose tones are sung longest, of equals the commoner."""
    found = fit_harmonize.seen(tune, per).found
    order = [2 * root + small for root in (0, 7, 5, 9, 2, 4, 10, 8, 3, 11, 1, 6) for small in (0, 1)]
    rows = []
    for first, end in zip(found.starts, found.starts[1:], strict=False):
        sung = np.zeros(12)
        for start, length, pitch in tune.notes:
            sung[(pitch - tune.tonic) % 12] += max(min(start + length, end) - max(start, first), 0)
        fits = {state: sum(sung[(state // 2 + step) % 12] for step in _TRIADS[state % 2]) for state in order}
        rows.append(max(order, key=lambda state: fits[state]))
    return rows


def piece_of(tune: Tune, starts: np.ndarray, states: np.ndarray) -> Piece:
    chords = tuple(
        Harmony(int(first), int(end), (tune.tonic + int(state) // 2) % 12, _TRIADS[state % 2])
        for first, end, state in zip(starts, starts[1:], states, strict=False)
        if state >= 0
    )
    inside = tune.notes[(tune.notes[:, 0] >= 0) & (tune.notes[:, 0] < tune.bars[-1])]
    return Piece(tune.id, tune.tonic, tune.meter, tune.bars, chords=chords, melody=inside)


if __name__ == "__main__":
    main()
