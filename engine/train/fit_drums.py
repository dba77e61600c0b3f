"""Fit the drums: what a song's drumming is like, bar states over clusters, what feet and hands play, and fills.

Bars of Groove MIDI and of the bands of Freedoom are clustered by what they are like (k-means); a hidden Markov model
over the clusters of each take gives bar states, and each bar its likeliest state; two mixtures of viewpoints learn
the slots. Drum machine patterns add grooves and breaks that the recordings lack; they have no neighbours, so
they count for slots and fills alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.chain.costs import TOP, row
from engine.models.drums import FLOOR, GHOST, HANDS, KICK
from engine.models.genres import GENRES as ALL_GENRES
from engine.models.mixture import Mixture
from engine.models.strokes import FEET_DESIGN, FEET_SPACE, HANDS_DESIGN, KINDS, STATES, Traits, hands_space
from engine.models.tables import Table, header
from engine.train import fit_mixture
from engine.train.backoff import bigram_bits, bits, count, smooth
from engine.train.base import DATE, Fitted, Score, Tell, held_out
from engine.train.corpora import freedoom, freedoom_drums, gmd, machine_patterns
from engine.train.corpora.gmd import Take
from engine.train.drum_bars import FEATURES, Bars, bars_of, features, sets
from engine.train.drum_slots import Model, set_bits, vocabulary
from engine.train.drum_songs import (
    Song,
    crash_share,
    crashes,
    feet_columns,
    fill_share,
    hand_columns,
    pattern,
    song_of,
    sounding,
    uncrashed,
)

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

GENRES = ("rock", "punk", "pop", "soul", "country")
CORE = ("rock", "punk", freedoom_drums.STYLE)  # those whose songs ours are to be like
MACHINE_GENRES = ("Rock", "Pop", "Disco", "Rnb", "Rhythm&Blues", "Slow", "Ballad", "Twist")
FILL_GENRES = (*GENRES, "funk", "blues")
CLUSTERS = 12
RARE = 200  # hand symbols met more seldom are not drawn
LONGEST = 48  # bars of a song that are learnt from; bands repeat themselves for longer
WHOLE = 8  # bars of a take that shows what a song is like
SETTINGS = fit_mixture.Settings(power=0.7, discount=0.7, lean=2.0, epochs=5)


class _States(NamedTuple):
    """Clusters of bars and the hidden states over them, and clusters of songs by their patterns.

    fills, crashes: the mean share of bars that are fills, or start with a crash.
    """

    clusters: Any
    hidden: Any
    kinds: Any
    fills: float
    crashes: float

    def clusters_of(self, bars: Bars) -> Ints:
        return np.asarray(self.clusters.predict(features(bars)), dtype=np.int64)

    def of(self, bars: Bars) -> Ints:
        return np.asarray(self.hidden.predict(self.clusters_of(bars)[:, None]), dtype=np.int64)

    def song(self, take: Take, bars: Bars) -> Song:
        kind = int(self.kinds.predict(pattern(bars)[None])[0])
        return song_of(take, bars, kind, self.fills, self.crashes)


class _Fit(NamedTuple):
    """Everything that is drawn from. songs: those that ours are to be like, with their states."""

    states: _States
    model: Model
    profile: Floats
    songs: list[tuple[Song, Ints]]
    fill: Floats
    voice: Floats


def fit(data: Path, tell: Tell) -> Fitted:
    """Return the tables "drums", "feet" and "hands" and their scores: bar states, slots, fill rhythm and voices."""
    from threadpoolctl import threadpool_limits

    tell("drums: reading Groove MIDI, Freedoom and drum machine patterns")
    takes = [t for t in gmd.read(data, tuple(sorted({*GENRES, *FILL_GENRES}))) if not t.triplet and t.bars]
    takes += freedoom_drums.read(data)
    machine = list(machine_patterns.read(data, MACHINE_GENRES))
    # One thread: sums in one order give the same clusters every time.
    with threadpool_limits(1):
        tell("drums: fitting without the validation takes")
        known = _fit([t for t in takes if not held_out(t.name)], [t for t in machine if not held_out(t.name)])
        scores = _measure(known, takes)
        for score in scores:
            tell(f"drums: {score.model}: {score.bits:.3f} bits a {score.unit} (bigram {score.bigram:.3f})")
        tell("drums: fitting on all")
        final = _fit(takes, machine)
        everyone = [t for t in gmd.read(data, ALL_GENRES) if not t.triplet and t.bars and not t.fill]
        everyone += [t for t in takes if t.style == freedoom_drums.STYLE]
        tables = {**_tables(final), "drummers": _drummers(final, everyone)}
    return Fitted(tables, scores)


def _drummers(final: _Fit, takes: list[Take]) -> Table:
    """Return what songs of every genre are like, told by the clusters of those that ours are to be like."""
    rows = []
    for take in takes:
        bars = sounding(bars_of(take))
        if len(bars.foot) >= WHOLE:
            song = final.states.song(take, bars._replace(foot=bars.foot[:LONGEST], hand=bars.hand[:LONGEST]))
            rows.append((ALL_GENRES.index(take.style.split("/")[0]), *song.traits, len(song.bars.foot)))
    facts = header(corpus=f"{gmd.CORPUS}; {freedoom.CORPUS}", licence=f"{gmd.LICENCE}; {freedoom.LICENCE}",
                   command="hookline train rock", date=DATE,
                   about="what songs of each genre of drumming are like; see engine/models/genres.py")  # fmt: skip
    return Table({**facts, "genres": list(ALL_GENRES)}, {"songs": np.array(rows, np.int16)})


def _beats(takes: list[Take]) -> list[tuple[Take, Bars]]:
    """Return the grooves among some takes, without silent bars, as long as they are learnt from."""
    found = []
    for take in takes:
        if not take.fill and take.style.split("/")[0] in (*GENRES, freedoom_drums.STYLE, machine_patterns.STYLE):
            bars = sounding(bars_of(take))
            if len(bars.foot):
                found.append((take, bars._replace(foot=bars.foot[:LONGEST], hand=bars.hand[:LONGEST])))
    return found


def _fit(takes: list[Take], machine: list[Take]) -> _Fit:
    beats = _beats(takes)
    states = _fit_states([bars for _, bars in beats])
    symbols, columns = vocabulary([uncrashed(bars) for _, bars in beats], RARE)
    played = [states.song(take, bars) for take, bars in beats]
    hidden = [states.of(song.bars) for song in played]
    everything = played + [states.song(take, bars) for take, bars in _beats(machine)]
    looks = hidden + [states.of(song.bars) for song in everything[len(played) :]]
    feet, hands = _mixtures(everything, looks, columns, len(symbols) + 1)
    lines, where = np.concatenate([features(song.bars) for song in played]), np.concatenate(hidden)
    profile = np.stack(
        [lines[where == s].mean(axis=0) if (where == s).any() else lines.mean(axis=0) for s in range(STATES)]
    )
    like = [
        (song, state)
        for (take, _), song, state in zip(beats, played, hidden, strict=True)
        if take.style.split("/")[0] in CORE and len(song.bars.foot) >= WHOLE
    ]
    start, move = states.hidden.startprob_, states.hidden.transmat_
    model = Model(start, move, feet, hands, symbols, columns)
    return _Fit(states, model, profile, like, *_fit_fills(_fills(takes + machine)))


def _mixtures(songs: list[Song], states: list[Ints], columns: Ints, size: int) -> tuple[Mixture, Mixture]:
    pairs = list(zip(songs, states, strict=True))
    hand = [columns[uncrashed(song.bars).hand] for song in songs]
    # Fills and new sections are planned, so that the mixtures need not expect them.
    usual = np.repeat(np.concatenate([song.usual for song in songs]), 16)
    owner = np.repeat(np.arange(len(songs)), [song.bars.foot.size for song in songs])[usual]
    feet = fit_mixture.fit(
        FEET_SPACE, FEET_DESIGN, _joined([feet_columns(song, state) for song, state in pairs], usual),
        np.concatenate([song.bars.foot.ravel() for song in songs])[usual], owner, SETTINGS,
    )  # fmt: skip
    looks = _joined(
        [hand_columns(song, state, own, size) for (song, state), own in zip(pairs, hand, strict=True)], usual
    )
    played = np.concatenate([own.ravel() for own in hand])[usual]
    return feet.mixture, fit_mixture.fit(hands_space(size), HANDS_DESIGN, looks, played, owner, SETTINGS).mixture


def _joined(parts: list[dict[str, Ints]], usual: NDArray[np.bool_]) -> dict[str, Ints]:
    return {name: np.concatenate([part[name] for part in parts])[usual] for name in parts[0]}


def _fit_states(beats: list[Bars]) -> _States:
    from hmmlearn.hmm import CategoricalHMM
    from sklearn.cluster import KMeans

    clusters = KMeans(CLUSTERS, n_init=4, random_state=0).fit(np.concatenate([features(b) for b in beats]))
    lines = [clusters.predict(features(b)) for b in beats]
    # Each state starts out as one cluster and moves as the clusters' bigram does; training takes it from there.
    own = np.arange(STATES) % CLUSTERS
    pairs = np.ones((CLUSTERS, CLUSTERS))
    for line in lines:
        np.add.at(pairs, (line[:-1], line[1:]), 1)
    noise = np.random.RandomState(0).rand(STATES, STATES)
    hidden = CategoricalHMM(
        STATES, n_features=CLUSTERS, n_iter=80, tol=0.5, random_state=0, implementation="scaling", init_params="",
        startprob_prior=1.1, transmat_prior=1.05, emissionprob_prior=1.1,
    )  # fmt: skip
    hidden.startprob_ = np.full(STATES, 1 / STATES)
    hidden.transmat_ = _normal(pairs[own][:, own] * (1 + noise / 2))
    hidden.emissionprob_ = _normal(0.02 + 0.8 * (own[:, None] == np.arange(CLUSTERS)) + noise[:, :CLUSTERS] / 50)
    hidden.fit(np.concatenate(lines)[:, None], [len(line) for line in lines])
    whole = [b for b in beats if len(b.foot) >= 2]
    kinds = KMeans(KINDS, n_init=4, random_state=0).fit(np.stack([pattern(b) for b in whole]))
    # Where toms are everywhere they keep the time.
    long = [b for b in beats if len(b.foot) >= WHOLE]
    shares = [share for share in map(fill_share, long) if share < 0.4]
    return _States(clusters, hidden, kinds, float(np.mean(shares)), float(np.mean([crash_share(b) for b in long])))


# A fill is one bar: rhythm (kick 1, hand 2) by slot, and the voice of every hand stroke.
_Fill = tuple[Ints, list[tuple[int, int, int, int, int]]]


def _fills(takes: list[Take]) -> list[tuple[str, _Fill]]:
    found = []
    for take in takes:
        if take.fill:
            bars = bars_of(take)
            extra = HANDS[bars.hand][..., 2]
            for foot, other in zip(bars.foot, extra, strict=True):
                hand = ((foot & 2) > 0) | (other >= GHOST)
                if hand.sum() >= 4:
                    found.append((take.name, ((foot & KICK) + 2 * hand, _voices(hand, other))))
    return found


def _voices(hand: NDArray[np.bool_], extra: Ints) -> list[tuple[int, int, int, int, int]]:
    """Return (quarter, gap class, voice two before, voice before, voice) of every stroke; see Drums.voice."""
    rows, last, before, two = [], -9, 4, 4
    for slot in np.flatnonzero(hand).tolist():
        voice = max(int(extra[slot]) - GHOST, 0)
        rows.append((slot // 4, min(max(slot - last, 1), 3) - 1, two, before, voice))
        last, before, two = slot, voice, before
    return rows


def _fill_contexts(fills: Sequence[_Fill]) -> tuple[list[Ints], Ints, list[Ints], Ints]:
    rhythm = np.stack([f[0] for f in fills])
    padded = np.concatenate([np.zeros((len(rhythm), 2), np.int64), rhythm], axis=1)
    place = np.broadcast_to(np.arange(16), rhythm.shape).ravel()
    voices = np.array([r for f in fills for r in f[1]], np.int64)
    contexts = [place, padded[:, :-2].ravel(), padded[:, 1:-1].ravel()]
    return contexts, rhythm.ravel(), list(voices[:, :4].T), voices[:, 4]


def _fit_fills(fills: list[tuple[str, _Fill]]) -> tuple[Floats, Floats]:
    where, rhythm, voicing, voice = _fill_contexts([f for _, f in fills])
    # The symbol before matters more than the one before it: general contexts come first.
    strokes = smooth(count([where[0], where[2], where[1]], rhythm, (16, 4, 4, 4)), 4.0).transpose(0, 2, 1, 3)
    turn = [voicing[3], voicing[1], voicing[0], voicing[2]]
    voices = smooth(count(turn, voice, (5, 3, 4, 5, 4)), 4.0).transpose(2, 1, 3, 0, 4)
    return strokes, voices


def _measure(fitted: _Fit, takes: list[Take]) -> tuple[Score, ...]:
    beats = _beats(takes)
    train = [bars for take, bars in beats if not held_out(take.name)]
    test = [(take, bars) for take, bars in beats if held_out(take.name) and bars.core]
    clusters = [fitted.states.clusters_of(b) for b in train]
    unseen = [fitted.states.clusters_of(b) for _, b in test]
    bars = sum(map(len, unseen))
    loss = -fitted.states.hidden.score(np.concatenate(unseen)[:, None], [len(line) for line in unseen]) / np.log(2)
    songs = [fitted.states.song(take, b) for take, b in test]
    heard = [sets(b.foot, uncrashed(b).hand).ravel() for b in train]
    lines = [sets(b.foot, uncrashed(b).hand).ravel() for _, b in test]
    size = sum(map(len, lines))
    # What a song is like is known only when it is over: its own cost is added, once a song.
    traits = _trait_bits([song.traits for song, _ in fitted.songs], [song.traits for song in songs]) / size
    slots = set_bits(fitted.model, songs) + traits
    fills = [f for name, f in _fills(takes) if held_out(name)]
    before = [f for name, f in _fills(takes) if not held_out(name)]
    where, rhythm, voicing, voice = _fill_contexts(fills)
    strokes = bits(fitted.fill[where[0], where[1], where[2], rhythm])
    voices = bits(fitted.voice[voicing[0], voicing[1], voicing[2], voicing[3], voice])
    spoken, unheard = ([np.array([r[4] for r in f[1]]) for f in part] for part in (before, fills))
    return (
        Score("drum bar states", "bar", bars, float(loss) / bars, bigram_bits(clusters, unseen, CLUSTERS)),
        Score("drum slots", "slot", size, slots, bigram_bits(heard, lines, 32)),
        Score("drum fill rhythm", "slot", len(rhythm), strokes,
              bigram_bits([f[0] for f in before], [f[0] for f in fills], 4)),
        Score("drum fill voices", "stroke", len(voice), voices, bigram_bits(spoken, unheard, FLOOR)),
    )  # fmt: skip


def _trait_bits(known: list[Traits], unseen: list[Traits]) -> float:
    """Return the bits of the traits that predict, each on its own, add-one smoothed."""
    found = 0.0
    for field in ("kind", "period", "vary", "near", "dense", "ghosts"):
        seen = np.bincount([getattr(traits, field) for traits in known], minlength=KINDS) + 1
        found -= sum(float(np.log2(seen[getattr(traits, field)] / seen.sum())) for traits in unseen)
    return found


def _tables(final: _Fit) -> dict[str, Table]:
    hidden, model = final.states.hidden, final.model
    by_kind = np.ones((KINDS, STATES))
    for song, state in final.songs:
        np.add.at(by_kind[song.traits.kind], state, 4)
    arrays: dict[str, NDArray[Any]] = {
        "start": _rows(hidden.startprob_), "move": _rows(hidden.transmat_), "emit": _rows(hidden.emissionprob_),
        "fill": _rows(final.fill), "voice": _rows(final.voice), "kinds": _rows(by_kind),
        "symbols": model.symbols.astype(np.int16), "profile": np.rint(100 * final.profile).astype(np.int16),
        "patterns": np.rint(100 * final.states.kinds.cluster_centers_).astype(np.int16),
        "crash": crashes([song for song, _ in final.songs]).astype(np.int16),
        "songs": np.array([(*song.traits, len(song.bars.foot)) for song, _ in final.songs], np.int16),
    }  # fmt: skip
    facts = dict(header(corpus=f"{gmd.CORPUS}; {freedoom.CORPUS}; {machine_patterns.CORPUS}",
                        licence=f"{gmd.LICENCE}; {freedoom.LICENCE}; {machine_patterns.LICENCE}",
                        command="hookline train rock", date=DATE, about=""))  # fmt: skip
    about = "bar states, what songs are like, and fills of rock drumming; see engine/models/drums.py"
    return {
        "drums": Table({**facts, "about": about, "features": list(FEATURES)}, arrays),
        "feet": model.feet.table({**facts, "about": "mixture for kick and snare on sixteenths"}),
        "hands": model.hands.table({**facts, "about": "mixture for cymbals, ghost notes and toms on sixteenths"}),
    }


def _rows(chances: Floats) -> NDArray[Any]:
    """Return rows that sum to 65,536 as the narrowest type that holds them."""
    found = row(np.rint(chances / chances.sum(axis=-1, keepdims=True) * TOP * 16).astype(np.int64))
    return found.astype(np.uint16 if found.max() < TOP else np.int32)


def _normal(weights: Floats) -> Floats:
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))
