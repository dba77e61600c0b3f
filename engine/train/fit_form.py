"""Fits the form grammar: how songs are put together, and how long their sections are.

Rule weights by inside-outside over the section labels of RS200 and McGill Billboard, starting from the weights
in the grammar file and smoothed towards them; lengths from the first section of each kind in a song, for a
material's length is drawn once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from math import log2
from pathlib import Path

import numpy as np

from engine.grammar.expect import Expect
from engine.grammar.load import compiled, find, parse_grammar, read
from engine.grammar.model import BAR, Grammar, whole_weights
from engine.grammar.parse import Observed
from engine.models.tables import Table, header
from engine.plan.form import UNUSED
from engine.train.base import DATE, Fitted, Score, Tell, held_out
from engine.train.corpora import billboard, rs200
from engine.train.corpora.annotated import AnnotatedSong

GRAMMAR = "rock-form"
CORPUS = "RS200 (de Clercq and Temperley); McGill Billboard 2.0 (Burgoyne, Wild and Fujinaga)"
LICENCE = "CC BY 4.0; CC0"

ROUNDS = 6
STRENGTH = 12.0  # uses of a symbol that the file's weights are worth; least held-out bits of 1, 4, 12
_LENGTH_STRENGTH = 20.0
_END = "end"
_LONGEST = 33  # sections of so many bars and more are one event


def fit(data: Path, tell: Tell) -> Fitted:
    """Return the table "form" (the grammar as learnt, and what interludes recall) and its held-out scores."""
    path = find(GRAMMAR)
    prior = parse_grammar(read(path), path.name)
    songs = [song for song in (*rs200.read(data), *billboard.read(data)) if song.sections]
    unseen = [k for k, song in enumerate(songs) if held_out(song.work)]
    seen = [k for k, song in enumerate(songs) if not held_out(song.work)]
    every = Expect(prior, [("Song", _example(song)) for song in songs], labels_only=True)
    scores = (
        _score_labels(prior, songs, every, seen, unseen, tell),
        _score_lengths([songs[k] for k in seen], [songs[k] for k in unseen], tell),
    )
    learnt = every.fit(prior, ROUNDS, STRENGTH)
    for what, prefixes in (
        ("without sections in free order", ("loose-",)),
        ("by the rules songs are written by", UNUSED),
    ):
        strict = learnt.reweigh({label: 0 for label in learnt.labels if label.startswith(prefixes)})
        found = sum(bits is not None for bits in every.bits(strict))
        tell(f"form: {found} of {len(songs)} songs can be derived {what}, {sum(every.parsed)} in all")
    learnt = replace(learnt, lengths=_lengths(prior, songs))
    entries, arrays = compiled(prior, learnt)
    about = "weights of the rules and lengths of the form grammar; how often an interlude brings back the intro's music"
    facts = header(corpus=CORPUS, licence=LICENCE, command="hookline train rock", date=DATE, about=about, **entries)
    arrays["recall"] = np.array(_recalls(songs), dtype=np.int32)
    return Fitted({"form": Table(dict(facts), arrays)}, scores)


def labels(song: AnnotatedSong) -> tuple[str, ...]:
    """Return the kinds of a song's sections, in order."""
    return tuple(section.kind for section in song.sections)


def _example(song: AnnotatedSong) -> Observed:
    return tuple((kind, BAR) for kind in labels(song))


def _score_labels(
    prior: Grammar,
    songs: Sequence[AnnotatedSong],
    every: Expect,
    seen: Sequence[int],
    unseen: Sequence[int],
    tell: Tell,
) -> Score:
    learnt = every.only(seen).fit(prior, ROUNDS, STRENGTH)
    found = every.only(unseen).bits(learnt)
    parsed = [(bits, labels(songs[k])) for bits, k in zip(found, unseen, strict=True) if bits is not None]
    events = sum(len(kinds) + 1 for _, kinds in parsed)
    bits = sum(bits for bits, _ in parsed) / events
    bigram = _bigram([labels(songs[k]) for k in seen], [kinds for _, kinds in parsed])
    tell(f"form: {bits:.3f} bits a section held out, bigram {bigram:.3f} ({len(parsed)} of {len(unseen)} songs parsed)")
    return Score("form", "section", events, bits, bigram)


def _bigram(seen: Sequence[tuple[str, ...]], unseen: Sequence[tuple[str, ...]]) -> float:
    kinds = sorted({kind for song in (*seen, *unseen) for kind in song})
    counts: Counter[tuple[str, str]] = Counter()
    for song in seen:
        counts.update(pairwise((_END, *song, _END)))
    totals: Counter[str] = Counter()
    for (before, _), count in counts.items():
        totals[before] += count
    bits, events = 0.0, 0
    for song in unseen:
        for before, after in pairwise((_END, *song, _END)):
            bits -= log2((counts[before, after] + 0.5) / (totals[before] + 0.5 * (len(kinds) + 1)))
            events += 1
    return bits / events


def _lengths(prior: Grammar, songs: Sequence[AnnotatedSong]) -> dict[str, tuple[tuple[int, int], ...]]:
    """Return the length tables, counted on the first section of each kind, smoothed towards the file's."""
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    for song in songs:
        for section in {section.kind: section for section in reversed(song.sections)}.values():
            counts[section.kind][len(section.bars) * BAR] += 1
    tables = {}
    for kind, table in prior.lengths.items():
        total = sum(weight for _, weight in table)
        rows = [counts[kind][n] + Fraction(_LENGTH_STRENGTH) * weight / total for n, weight in table]
        tables[kind] = tuple((n, w) for (n, _), w in zip(table, whole_weights(rows), strict=True))
    return tables


def _score_lengths(seen: Sequence[AnnotatedSong], unseen: Sequence[AnnotatedSong], tell: Tell) -> Score:
    """Score sections as lengths of materials: the first of a kind is drawn, later ones mostly have it again."""
    fresh: dict[str, Counter[int]] = defaultdict(Counter)
    again: dict[str, list[int]] = defaultdict(lambda: [1, 1])
    pairs: Counter[tuple[int, int]] = Counter()
    for song in seen:
        last: dict[str, int] = {}
        for before, (kind, bars) in _with_before(song):
            if kind in last:
                again[kind][bars == last[kind]] += 1
            if last.get(kind) != bars:
                fresh[kind][bars] += 1
            last[kind] = bars
            pairs[before, bars] += 1
    everything: Counter[int] = sum(fresh.values(), Counter())
    totals: Counter[int] = Counter()
    for (before, _), count in pairs.items():
        totals[before] += count
    bits = bigram = 0.0
    events = 0
    for song in unseen:
        last = {}
        for before, (kind, bars) in _with_before(song):
            base = (everything[bars] + 0.5) / (everything.total() + 0.5 * _LONGEST)
            own = (fresh[kind][bars] + 10 * base) / (fresh[kind].total() + 10)
            if kind in last:
                share = again[kind][1] / sum(again[kind])
                own = share * (bars == last[kind]) + (1 - share) * own
            bits -= log2(own)
            bigram -= log2((pairs[before, bars] + 0.5) / (totals[before] + 0.5 * _LONGEST))
            last[kind] = bars
            events += 1
    score = Score("section lengths", "section", events, bits / events, bigram / events)
    tell(f"section lengths: {score.bits:.3f} bits a section held out, bigram {score.bigram:.3f}")
    return score


def _with_before(song: AnnotatedSong) -> list[tuple[int, tuple[str, int]]]:
    rows = [(section.kind, min(len(section.bars), _LONGEST)) for section in song.sections]
    return list(zip([0, *(bars for _, bars in rows)], rows, strict=False))


def _recalls(songs: Sequence[AnnotatedSong]) -> tuple[int, int]:
    """Return in how many songs the first interlude has music of its own, and in how many the intro's."""
    found = [0, 0]
    for song in songs:
        letters = {section.material for section in song.sections if section.kind == "intro" and section.material}
        first = next((section for section in song.sections if section.kind == "interlude"), None)
        # RS200 names sections by kind, so only Billboard's letters say what is the same.
        if first and letters and song.id.startswith("billboard/"):
            found[first.material in letters] += 1
    return found[0], found[1]
