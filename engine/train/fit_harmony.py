"""Fit the harmony: rule weights of the grammar by dialect, what sections borrow, and the colour of chords.

Songs of a mode fall into dialects: a mixture of grammars of one structure, started from clusters of chord
histograms (k-means) and settled by classification EM (Celeux and Govaert 1992), the weights of each by
inside-outside with those of the whole mode as prior. That is what keeps the sections of a song to the same
few chords.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import log2
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.grammar.expect import Expect, refit
from engine.grammar.load import compiled, load_grammar
from engine.grammar.model import BAR, Grammar
from engine.models.harmony import BORROWED, COLOURS, MODES, OWN
from engine.models.tables import Table, header
from engine.plan.remember import borrow
from engine.theory.chord import parse_numeral
from engine.train.base import DATE, Fitted, Score, Tell, held_out
from engine.train.chord_lines import Line, Reading, plain, read_songs
from engine.train.harmony_memory import Chance, fitted, opportunities, saved

NAME = "rock-harmony"
DIALECTS = {"major": 12, "mixolydian": 4, "minor": 4, "dorian": 2}
# Lengths that fill most of the corpora; longer sections take long to parse and repeat the shorter ones.
LENGTHS = (*range(1, 9), 10, 12, 14, 16)

# What a mode may use: its own chords and the mixture that rock of that mode uses (a hundredth of its half bars,
# or a passing chord of its cadences). Rules with other chords are not used when composing.
_BOTH = ("IV/I", "bVII/I", "ii/I", "iv/I", "bVII", "IV", "V", "bIII", "bVI", "iv", "v")
ALLOWED = {
    "major": {*_BOTH, "I", "ii", "iii", "vi", "II", "III", "VI", "V/I", "II/I"},
    "mixolydian": {*_BOTH, "I", "ii", "vi", "II"},
    "minor": {*_BOTH, "i", "bII", "bVI/I"} - {"ii/I", "IV/I"},
    "dorian": {*_BOTH, "i", "ii"} - {"iv/I"},
}
# Rules that explain nothing: chords without a function, and chords after one another for no reason.
FREE = ("odd", "away-free-1", "away-free-2")
# Percent of what was learnt that is kept when composing. What no function explains is for reading alone.
KEPT = {
    "odd": 0,
    "away-free-1": 10,
    "away-free-2": 10,
    # One chord for eight bars is a groove's business, rare in what is sung over guitars.
    "one-8": 25,
    "one-16": 0,
    "off-4": 40,
    "off-8": 4,
    "vamp-one": 40,
    "vamp-one-long": 6,
    "verse-one": 50,
    "chorus-one": 15,
    "bridge-one": 10,
    # Players go round in something; intros that wander belong to other music.
    "intro-home": 40,
    "intro-away": 15,
    "intro-open": 30,
    "interlude-away": 30,
    "coda-home": 50,
    "coda-away": 20,
    "coda-open": 20,
}
# Songs of RS200 count so often: there are as many again of Billboard that are no rock.
RS200_TIMES = 5
_PACE = 0.35  # of an octave of chords a bar, beside the roots of shares

_POOLED_ROUNDS, _MODE_ROUNDS, _DIALECT_ROUNDS, _MOVES = 4, 3, 2, 2
_MODE_STRENGTH, _DIALECT_STRENGTH = 10.0, 6.0


class Examples(NamedTuple):
    """Sections to learn from: packed derivations, the half bars themselves, and the song of each by number.

    times: how often each song counts. met: sections there were, those that no derivation reaches included.
    """

    expect: Expect
    lines: tuple[Line, ...]
    owners: tuple[int, ...]
    times: tuple[int, ...]
    met: int

    def of(self, songs: Iterable[int]) -> tuple[int, ...]:
        """Return the numbers of the examples of these songs."""
        wanted = frozenset(songs)
        return tuple(number for number, owner in enumerate(self.owners) if owner in wanted)

    def to_learn(self, songs: Iterable[int]) -> tuple[int, ...]:
        """Return the same, those that count several times as often as they count."""
        return tuple(number for number in self.of(songs) for _ in range(self.times[self.owners[number]]))


class Mixture(NamedTuple):
    """A mode's dialects: their grammars and how many songs speak each."""

    grammars: tuple[Grammar, ...]
    songs: tuple[int, ...]


def fit(data: Path, tell: Tell) -> Fitted:
    """Return the table "harmony" and how well it predicts sections of unseen songs, a bar and a chord change."""
    songs = read_songs(data)
    prior = load_grammar(NAME, "")
    tell(f"parsing the sections of {len(songs)} songs")
    examples = read_examples(prior, songs)
    seen = [number for number, song in enumerate(songs) if not held_out(song.work)]
    unseen = [number for number, song in enumerate(songs) if held_out(song.work)]
    tell(
        f"{len(examples.lines)} of {examples.met} sections read; learning from {len(seen)} songs, asking {len(unseen)}"
    )
    pooled, mixtures = learn(prior, songs, examples, seen)
    share = functional_share(pooled, examples)
    tell(f"{share:.1%} of the sections need no rule outside the functions")
    again = fitted(_parts_again(songs, examples, seen, mixtures))
    saving = saved(_parts_again(songs, examples, unseen, mixtures), again)
    scores = _scores(songs, examples, seen, unseen, mixtures, saving)
    tell("learning from all songs")
    every = range(len(songs))
    pooled, mixtures = learn(prior, songs, examples, every)
    again = fitted(_parts_again(songs, examples, every, mixtures))
    tell(f"parts of 2, 4, 8, 16 bars come again: {', '.join(f'{chance:.0%}' for chance in again)}")
    return Fitted({"harmony": table(prior, pooled, mixtures, songs, share, again)}, scores)


def _parts_again(
    songs: Sequence[Reading], examples: Examples, numbers: Iterable[int], mixtures: Mapping[str, Mixture]
) -> list[Chance]:
    """Return what could have come again in these songs, each read in its own dialect."""
    chosen = tuple(numbers)
    found: list[Chance] = []
    for mode, (grammars, shares) in mixtures.items():
        own = [n for n in chosen if songs[n].mode == mode]
        spoken = np.argmin(song_bits(grammars, shares, examples, own), axis=1).tolist()
        for song, dialect in zip(own, spoken, strict=True):
            rows = [row for row in examples.of([song]) if not _borrows(songs[song], examples.lines[row])]
            trees = examples.expect.best(rows, grammars[dialect])
            found += opportunities(
                [examples.lines[row] for row in rows], trees, grammars[dialect], examples.expect.shape
            )
    return found


def read_examples(grammar: Grammar, songs: Sequence[Reading]) -> Examples:
    """Return the distinct sections of every song that have a usual length, parsed."""
    rows = [
        (number, line)
        for number, song in enumerate(songs)
        for line in dict.fromkeys(song.lines)
        if len(line.halves) // 2 in LENGTHS
    ]
    expect = Expect(grammar, [(_start(line.kind), [(chord, BAR // 2) for chord in line.halves]) for _, line in rows])
    kept = [number for number, parsed in enumerate(expect.parsed) if parsed]
    times = tuple(map(_times, songs))
    return Examples(
        expect.only(kept), tuple(rows[n][1] for n in kept), tuple(rows[n][0] for n in kept), times, len(rows)
    )


def learn(
    prior: Grammar, songs: Sequence[Reading], examples: Examples, numbers: Iterable[int]
) -> tuple[Grammar, dict[str, Mixture]]:
    """Return the grammar of all songs and, by mode, the dialects of its songs."""
    chosen = tuple(numbers)
    pooled = _refit(prior, prior, examples, chosen, _POOLED_ROUNDS, 20.0)
    mixtures = {}
    for mode in MODES:
        own = tuple(n for n in chosen if songs[n].mode == mode)
        of_mode = _refit(pooled, pooled, examples, own, _MODE_ROUNDS, _MODE_STRENGTH)
        mixtures[mode] = _mixture(of_mode, songs, examples, own, DIALECTS[mode])
    return pooled, mixtures


def _refit(
    start: Grammar, prior: Grammar, examples: Examples, songs: Iterable[int], rounds: int, strength: float
) -> Grammar:
    expect = examples.expect.only(examples.to_learn(songs))
    for _ in range(rounds):
        start = refit(start, prior, expect.counts(start), strength, prior)
    return start


def _mixture(of_mode: Grammar, songs: Sequence[Reading], examples: Examples, own: Sequence[int], count: int) -> Mixture:
    groups = _clusters([songs[n] for n in own], count)
    grammars: list[Grammar] = []
    for move in range(_MOVES + 1):
        members = [[n for n, group in zip(own, groups, strict=True) if group == k] for k in range(count)]
        grammars = [_refit(of_mode, of_mode, examples, group, _DIALECT_ROUNDS, _DIALECT_STRENGTH) for group in members]
        if move < _MOVES:
            chances = song_bits(grammars, [len(group) for group in members], examples, own)
            groups = np.argmin(chances, axis=1).tolist()
    return Mixture(tuple(grammars), tuple(sum(examples.times[n] for n in group) for group in members))


def _clusters(songs: Sequence[Reading], count: int) -> list[int]:
    from sklearn.cluster import KMeans

    names = sorted({chord for song in songs for line in song.lines for chord in line.halves})
    rows = []
    for song in songs:
        found = Counter(chord for line in song.lines for chord in line.halves)
        row = np.array([found[name] for name in names], float)
        # The root of a share (Hellinger) lets rare chords speak, which tell dialects apart.
        # How fast the chords move tells dialects apart as well.
        rows.append(np.append(np.sqrt(row / max(row.sum(), 1)), _PACE * np.log2(_pace(song))))
    return [int(k) for k in KMeans(count, n_init=4, random_state=0).fit_predict(np.array(rows))]


def _pace(song: Reading) -> float:
    """Return the chords a bar, at least one in eight bars."""
    moves = sum(1 + sum(a != b for a, b in pairwise(line.halves)) for line in song.lines)
    return max(2 * moves / max(sum(len(line.halves) for line in song.lines), 1), 0.125)


def song_bits(grammars: Sequence[Grammar], songs: Sequence[int], examples: Examples, own: Sequence[int]) -> np.ndarray:
    """Return the bits each song's sections take in each dialect, its share among songs counted; (songs, dialects)."""
    rows = examples.of(own)
    place = {song: k for k, song in enumerate(own)}
    expect = examples.expect.only(rows)
    found = np.zeros((len(own), len(grammars)))
    for k, grammar in enumerate(grammars):
        found[:, k] = -log2((songs[k] + 1) / (sum(songs) + len(songs)))
        for row, bits in zip(rows, expect.bits(grammar), strict=True):
            found[place[examples.owners[row]], k] += 1e4 if bits is None else bits
    return found


def functional_share(grammar: Grammar, examples: Examples) -> float:
    """Return the share of sections that can be derived without the rules that explain nothing."""
    found = examples.expect.bits(grammar.with_weights(dict.fromkeys(FREE, 0)))
    return sum(bits is not None for bits in found) / len(found)


def _scores(
    songs: Sequence[Reading],
    examples: Examples,
    seen: Sequence[int],
    unseen: Sequence[int],
    mixtures: Mapping[str, Mixture],
    saving: float,
) -> tuple[Score, ...]:
    bits = 0.0
    for mode, mixture in mixtures.items():
        own = [n for n in unseen if songs[n].mode == mode]
        rows = song_bits(mixture.grammars, mixture.songs, examples, own)
        best = rows.min(axis=1, keepdims=True)
        bits += float((best[:, 0] - np.log2(np.exp2(best - rows).sum(axis=1))).sum())
    train = [examples.lines[n].halves for n in examples.of(seen)]
    asked = [examples.lines[n].halves for n in examples.of(unseen)]
    bars = sum(len(line) for line in asked) // 2
    by_bar = _bigram([_bars(line) for line in train], [_bars(line) for line in asked], halves=True)
    changes = [_changes(line) for line in asked]
    count = sum(len(line) for line in changes)
    by_change = _bigram([_changes(line) for line in train], changes)
    return (
        Score("harmony", "bar", bars, bits / bars, by_bar / bars),
        Score("harmony", "chord", count, bits / count, by_change / count),
        Score("harmony, remembering", "bar", bars, (bits - saving) / bars, by_bar / bars),
    )


def _bars(line: Sequence[str]) -> list[str]:
    return [f"{k % 2}{chord}" for k, chord in enumerate(line)]


def _changes(line: Sequence[str]) -> list[str]:
    found: list[list[str]] = []
    for chord in line:
        if found and found[-1][0] == chord:
            found[-1].append(chord)
        else:
            found.append([chord])
    return [f"{run[0]} {len(run)}" for run in found]


def _bigram(train: Iterable[Sequence[str]], asked: Iterable[Sequence[str]], halves: bool = False) -> float:
    """Return the bits of an add-one bigram; events never met share one more count."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    names: set[str] = set()
    for line in train:
        for before, event in zip(["<", *line], line, strict=False):
            counts[before][event] += 1
            names.add(event)
    # A half bar can only be a first or a second one.
    size = len(names) // 2 + 1 if halves else len(names) + 1
    bits = 0.0
    for line in asked:
        for before, event in zip(["<", *line], line, strict=False):
            row = counts[before]
            bits -= log2((row[event] + 1) / (sum(row.values()) + size))
    return bits


def table(
    prior: Grammar,
    pooled: Grammar,
    mixtures: Mapping[str, Mixture],
    songs: Sequence[Reading],
    share: float,
    again: Sequence[float],
) -> Table:
    """Return everything that composing needs of harmony as one table."""
    labels = [rule.label for rule in prior.all_rules()]
    grammars = [_frozen(grammar, mode) for mode in MODES for grammar in mixtures[mode].grammars]
    spoken = np.zeros((len(MODES), len(grammars)), np.int32)
    first = 0
    for row, mode in enumerate(MODES):
        count = len(mixtures[mode].songs)
        spoken[row, first : first + count] = mixtures[mode].songs
        first += count
    numerals = sorted({chord for chords in ALLOWED.values() for chord in chords if "/" not in chord})
    borrowers, borrow = _borrowed(songs)
    entries, arrays = compiled(prior, pooled)
    head = header(
        corpus="RS200, McGill Billboard",
        licence="CC BY 4.0, CC0",
        command="hookline train rock",
        date=DATE,
        about=f"rule weights of harmony by dialect; {share:.1%} of the sections need no rule outside the functions",
        labels=labels,
        numerals=numerals,
        borrowers=borrowers,
        **entries,
    )
    return Table(
        dict(head),
        {
            **arrays,
            "dialects": np.array([[weights[label] for label in labels] for weights in grammars], np.int32),
            "dialect_weights": spoken,
            "borrow": borrow,
            "again": np.array([round(chance * 65_536) for chance in again], np.int32),
            "colours": _colours(songs, numerals),
        },
    )


def _frozen(grammar: Grammar, mode: str) -> dict[str, int]:
    weights = {}
    for rule in grammar.all_rules():
        chords = [i.symbol for i in rule.items if i.symbol and i.symbol not in grammar.rules]
        allowed = all(chord in ALLOWED[mode] for chord in chords)
        weights[rule.label] = rule.weight * KEPT.get(rule.label, 100) // 100 if allowed else 0
    return weights


def _borrowed(songs: Sequence[Reading]) -> tuple[list[str], np.ndarray]:
    """Count how often the first section of a kind takes four fifths of its bars from the first verse or chorus."""
    kinds = ("chorus", "prechorus", "bridge", "solo", "intro", "interlude", "outro")
    ways = (OWN, *BORROWED)
    counts = np.ones((len(kinds), len(ways)))
    for song in songs:
        first: dict[str, tuple[str, ...]] = {}
        for line in song.lines:
            first.setdefault(line.kind, line.halves)
        for row, kind in enumerate(kinds):
            target = first.get(kind, ())
            if len(target) < 4 or not ("verse" in first or "chorus" in first):
                continue
            found = [k for k, way in enumerate(BORROWED, 1) if _takes(target, way, kind, first)]
            if found and BORROWED[found[0] - 1].endswith("head"):
                # What repeats four bars is both its beginning and their loop; the plainer way counts.
                found = [k for k in found if not BORROWED[k - 1].endswith("loop")]
            for k in found or [0]:
                counts[row, k] += _times(song) / len(found or [0])
    return list(kinds), np.rint(counts * 100).astype(np.int32)


def _borrows(song: Reading, line: Line) -> bool:
    """Return whether a section takes its chords as a whole from another."""
    first: dict[str, tuple[str, ...]] = {}
    for other in song.lines:
        first.setdefault(other.kind, other.halves)
    return line.kind != "verse" and any(_takes(line.halves, way, line.kind, first) for way in BORROWED)


def _takes(target: Sequence[str], way: str, kind: str, first: Mapping[str, Sequence[str]]) -> bool:
    bars = {name: list(zip(line[::2], line[1::2], strict=True)) for name, line in first.items()}
    taken = borrow(way, len(target) // 2, kind, bars)
    wanted = zip(target[::2], target[1::2], strict=True)
    return bool(taken) and sum(a == b for a, b in zip(taken, wanted, strict=True)) * 10 >= len(target) * 4


def _colours(songs: Sequence[Reading], numerals: Sequence[str]) -> np.ndarray:
    """Count in how many songs of a mode each quality is the usual one of a plain chord; (modes, numerals, 6)."""
    found = np.zeros((len(MODES), len(numerals), max(len(row) for row in COLOURS.values())), np.int32)
    for song in songs:
        by_chord: dict[str, Counter[str]] = defaultdict(Counter)
        for numeral in song.full:
            name = plain(numeral, song.mode)
            if name in numerals:
                by_chord[name][parse_numeral(numeral).quality] += 1
        for name, counts in by_chord.items():
            colours = COLOURS[name == name.lower()]
            usual = max(sorted(counts), key=lambda quality: counts[quality])
            if usual in colours:
                found[MODES.index(song.mode), numerals.index(name), colours.index(usual)] += _times(song)
    found[:, :, 0] += 1
    return found


def _times(song: Reading) -> int:
    return RS200_TIMES if song.corpus == "rs200" else 1


def _start(kind: str) -> str:
    # A real outro's last bar is whatever it is; ours comes home, and is learnt as what stands before.
    return "Coda" if kind == "outro" else kind.capitalize()
