"""Fit the harmony: rule weights of the grammar by dialect, what sections borrow, and the colour of chords.

Songs of a mode fall into dialects (``train.dialects``). That is what keeps the sections of a song to the same
few chords.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import log2
from pathlib import Path

import numpy as np

from engine.grammar.load import compiled, load_grammar
from engine.grammar.model import Grammar
from engine.models.harmony import BORROWED, COLOURS, MODES, OWN
from engine.models.tables import Table, header
from engine.plan.remember import borrow
from engine.theory.chord import parse_numeral
from engine.train.base import DATE, Fitted, Score, Tell, held_out
from engine.train.chord_lines import Line, Reading, plain, read_songs
from engine.train.dialects import LENGTHS, Examples, Mixture, learn, read_examples, song_bits, times_of
from engine.train.harmony_memory import Chance, fitted, opportunities, saved

NAME = "rock-harmony"

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
        _whole(songs, seen, unseen, bits - saving),
    )


def _whole(songs: Sequence[Reading], seen: Sequence[int], unseen: Sequence[int], bits: float) -> Score:
    """Return the score of whole songs, sections that come again included, from the bits of all that are new.

    Whether a section comes again, and which, is told by those of its kind before it (a Chinese restaurant).
    """
    asked = [[line for line in songs[n].lines if len(line.halves) // 2 in LENGTHS] for n in unseen]
    for lines in asked:
        met: dict[str, Counter[Line]] = defaultdict(Counter)
        for line in lines:
            known = met[line.kind]
            bits += log2((known.total() + 1) / (known[line] or 1))
            known[line] += 1
    train = [_bars(line.halves) for n in seen for line in songs[n].lines]
    every = [_bars(line.halves) for lines in asked for line in lines]
    bars = sum(map(len, every)) // 2
    return Score("harmony of whole songs", "bar", bars, bits / bars, _bigram(train, every, halves=True) / bars)


def bar_bigram(train: Iterable[Sequence[str]], asked: Iterable[Sequence[str]]) -> float:
    """Return the bits of an add-one bigram of half bars for the sections asked."""
    return _bigram([_bars(line) for line in train], [_bars(line) for line in asked], halves=True)


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
    grammars = [frozen(grammar, mode) for mode in MODES for grammar in mixtures[mode].grammars]
    spoken = np.zeros((len(MODES), len(grammars)), np.int32)
    first = 0
    for row, mode in enumerate(MODES):
        count = len(mixtures[mode].songs)
        spoken[row, first : first + count] = mixtures[mode].songs
        first += count
    numerals = sorted({chord for chords in ALLOWED.values() for chord in chords if "/" not in chord})
    borrowers, borrow = borrowed(songs)
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
            "colours": colours(songs, numerals),
        },
    )


def frozen(grammar: Grammar, mode: str) -> dict[str, int]:
    """Return the weights that are composed with, by label: those of a mode's own chords, less what only explains."""
    weights = {}
    for rule in grammar.all_rules():
        chords = [i.symbol for i in rule.items if i.symbol and i.symbol not in grammar.rules]
        allowed = all(chord in ALLOWED[mode] for chord in chords)
        weights[rule.label] = rule.weight * KEPT.get(rule.label, 100) // 100 if allowed else 0
    return weights


def borrowed(songs: Sequence[Reading]) -> tuple[list[str], np.ndarray]:
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
                counts[row, k] += times_of(song) / len(found or [0])
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


def colours(songs: Sequence[Reading], numerals: Sequence[str]) -> np.ndarray:
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
                found[MODES.index(song.mode), numerals.index(name), colours.index(usual)] += times_of(song)
    found[:, :, 0] += 1
    return found
