"""Fit the guitars: chord rhythms against kick and snare, muted or open, and the lines of lead guitars.

Rhythm guitars are the guitar tracks of which at least three onsets in ten are chords. Events are the slots of the
bars they play in: onset or not, then muted (one slot long) or open. Leads are the other, mostly single-voiced
tracks that lie above C3 and move, and synth leads; events are onsets, and moves of -12..12 semitones from note to note.
Both remember their riffs (see ``riffs``).
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.models.tables import Table, header
from engine.train.backoff import Floats, Ints, bigram_bits, costs, count, smooth, whole
from engine.train.base import DATE, Fitted, Score, Tell, held_out
from engine.train.corpora.freedoom import BAR, CORPUS, LICENCE, Band, Played, bands, one_voice
from engine.train.riffs import NOTE_TRUST, last_slots, onset_memory

CLUSTERS = 8
WIDE = 12  # the widest move that is an event
MOVES = 2 * WIDE + 1
GAPS = 4  # slots to the next onset, at most
MOST_REPEATS = 0.25  # share of notes like the one before, above which a track is an accompaniment
RESET = 6  # move class of a line's first note


class Strum(NamedTuple):
    """The slots of one rhythm guitar; arrays of one length.

    drum: 0 nothing, 1 kick, 2 snare. guess, trust, past: see ``riffs``. open: 0 muted, 1 open (onsets only).
    gap: slots to the next onset, at most GAPS, less one. cluster: of the bar.
    """

    onset: Ints
    position: Ints
    drum: Ints
    past: Ints
    guess: Ints
    trust: Ints
    open: Ints
    gap: Ints
    cluster: Ints


class Lick(NamedTuple):
    """The slots of one lead; onsets only from ``move`` on.

    move: semitones from the note before, + WIDE, or -1. direction: class of the move before, see ``move_class``.
    memory: the move that the riff would make, or MOVES, and the trust in it. interval: above the chord's root.
    metre: 0 downbeat .. 4 sixteenth. quality: of the chord.
    """

    onset: Ints
    position: Ints
    past: Ints
    guess: Ints
    trust: Ints
    move: Ints
    direction: Ints
    memory: Ints
    sure: Ints
    interval: Ints
    before: Ints
    metre: Ints
    quality: Ints


METRE = np.array([0, 4, 3, 4, 2, 4, 3, 4, 1, 4, 3, 4, 2, 4, 3, 4])


def move_class(move: Ints) -> Ints:
    """Return 0 leap down, 1 third down, 2 step down, 3 same, 4 step up, 5 third or leap up, of moves in semitones."""
    return np.digitize(move, (-4, -2, 0, 1, 3))


def strum_of(band: Band, track: tuple[Played, ...]) -> Strum | None:
    """Return a rhythm guitar's slots, or None when it plays too few chords or fewer than eight bars."""
    slots = band.bars * BAR
    voices, length = np.zeros(slots, dtype=np.int64), np.zeros(slots, dtype=np.int64)
    for note in track:
        voices[note.slot] += 1
        length[note.slot] = max(length[note.slot], note.length)
    onset = (voices > 0).astype(np.int64)
    good = onset.reshape(-1, BAR).sum(1) > 0
    if good.sum() < 8 or (voices > 1).sum() < 0.3 * onset.sum():
        return None
    gap = np.full(slots, GAPS)
    for here, then in pairwise(np.flatnonzero(onset)):
        gap[here] = min(then - here, GAPS)
    guess, trust = onset_memory(onset)
    keep = good.repeat(BAR)
    columns = (
        onset,
        np.arange(slots) % BAR,
        np.where(band.snare == 1, 2, band.kick),
        last_slots(onset),
        guess,
        trust,
        (length > 1).astype(np.int64),
        gap - 1,
        np.zeros(slots, dtype=np.int64),
    )
    return Strum(*(column[keep] for column in columns))


def lick_of(band: Band, track: tuple[Played, ...]) -> Lick | None:
    """Return a lead's slots, or None when it is low, has chords, stays put or has fewer than eight bars."""
    slots = band.bars * BAR
    line = one_voice(list(track))
    onset, pitch = np.zeros(slots, dtype=np.int64), np.zeros(slots, dtype=np.int64)
    for note in line:
        onset[note.slot], pitch[note.slot] = 1, note.pitch
    good = (onset.reshape(-1, BAR).sum(1) > 0) & (band.chords[:, 0].reshape(-1, 2).min(1) >= 0)
    if good.sum() < 8 or len(track) > 1.2 * len(line) or np.median([note.pitch for note in line]) < 48:
        return None
    guess, trust = onset_memory(onset)
    keep = good.repeat(BAR)
    root = band.chords[:, 0].repeat(8)
    at = np.flatnonzero(onset)
    notes = []
    runs = dict.fromkeys((2, 1, 4), 0)
    for number, slot in enumerate(at[1:], 1):
        before = at[number - 1]
        move = int(pitch[slot] - pitch[before])
        fresh = slot - before > BAR
        last = RESET if fresh or number < 2 else int(move_class(np.array(pitch[before] - pitch[at[number - 2]])))
        memory, sure, best = MOVES, 0, -1
        for distance, run in runs.items():
            old, older = slot - distance * BAR, before - distance * BAR
            if older < 0 or not onset[old] or not onset[older]:
                runs[distance] = 0
                continue
            offer = int(pitch[old] - pitch[older])
            if run > best and abs(offer) <= WIDE:
                memory, sure, best = offer + WIDE, 1 + int(np.digitize(run, NOTE_TRUST)), run
            runs[distance] = min(run + 1, NOTE_TRUST[-1]) if offer == move else 0
        if keep[slot] and abs(move) <= WIDE and not fresh:
            above = (pitch[slot] - root[slot]) % 12, (pitch[before] - root[slot]) % 12
            quality = band.chords[slot // 8, 1]
            notes.append((move + WIDE, last, memory, sure, *above, METRE[slot % BAR], quality))
    if len(notes) < 16 or sum(note[0] == WIDE for note in notes) > MOST_REPEATS * len(notes):
        return None
    columns = (onset, np.arange(slots) % BAR, last_slots(onset), guess, trust)
    return Lick(*(column[keep] for column in columns), *np.array(notes, dtype=np.int64).T)


class StrumModel(NamedTuple):
    """Probabilities, by the sizes of their axes; the last is the event.

    rhythm: guess 3, trust 6, drum 3, slot 16, past 16, onset 2. free: slot 16, cluster, drum 3, past 16, onset 2.
    open: gap 4, open before 3 (2: none), cluster, slot 16, drum 3, open 2.
    """

    rhythm: Floats
    free: Floats
    open: Floats


def strum_model(lines: list[Strum]) -> StrumModel:
    """Return the smoothed tables of rhythm guitars."""
    every = Strum(*(np.concatenate(columns) for columns in zip(*lines, strict=True)))
    struck = every.onset == 1
    last = np.concatenate([last_open(line) for line in lines])
    return StrumModel(
        smooth(
            count(
                [every.guess, every.trust, every.drum, every.position, every.past], every.onset, (3, 6, 3, BAR, 16, 2)
            ),
            8.0,
        ),
        smooth(count([every.position, every.cluster, every.drum, every.past], every.onset, (BAR, CLUSTERS, 3, 16, 2))),
        smooth(
            count(
                [every.gap[struck], last, every.cluster[struck], every.position[struck], every.drum[struck]],
                every.open[struck],
                (GAPS, 3, CLUSTERS, BAR, 3, 2),
            )
        ),
    )


def last_open(line: Strum) -> Ints:
    """Return for each onset whether the onset before was open: 0, 1, or 2 for the first."""
    return np.concatenate([[2], line.open[line.onset == 1][:-1]])


class LickModel(NamedTuple):
    """Probabilities, by the sizes of their axes; the last is the event.

    rhythm: guess 3, trust 6, slot 16, past 16, onset 2. free: slot 16, past 16, onset 2. move: class of the move
    before 7, move 25. copy: trust 6, right 2. tone: metre 5, quality 3, interval 12. plain: interval 12.
    """

    rhythm: Floats
    free: Floats
    move: Floats
    copy: Floats
    tone: Floats
    plain: Floats


TONE_POWER = 0.6  # how far the chord bends a move; best of 0, 0.2 .. 1 on the validation songs


def lick_model(lines: list[Lick]) -> LickModel:
    """Return the smoothed tables of leads."""
    every = Lick(*(np.concatenate(columns) for columns in zip(*lines, strict=True)))
    told = every.sure > 0
    return LickModel(
        smooth(count([every.guess, every.trust, every.position, every.past], every.onset, (3, 6, BAR, 16, 2)), 8.0),
        smooth(count([every.position, every.past], every.onset, (BAR, 16, 2))),
        smooth(count([every.direction], every.move, (7, MOVES))),
        smooth(count([every.sure[told]], (every.move == every.memory)[told].astype(np.int64), (6, 2))),
        smooth(count([every.metre, every.quality], every.interval, (5, 3, 12)), 16.0),
        smooth(count([], every.interval, (12,))),
    )


def move_chances(model: LickModel, line: Lick) -> Floats:
    """Return the chances of all moves for each note, shape (notes, 25)."""
    steps = np.arange(-WIDE, WIDE + 1)
    arrives = (line.before[:, None] + steps[None, :]) % 12
    bend = model.tone[line.metre[:, None], line.quality[:, None], arrives] / model.plain[arrives]
    rows = model.move[line.direction] * bend**TONE_POWER
    told = np.flatnonzero(line.sure > 0)
    rows[told, line.memory[told]] = 0
    rows /= rows.sum(axis=1, keepdims=True)
    right = model.copy[line.sure[told], 1]
    rows[told] *= 1 - right[:, None]
    rows[told, line.memory[told]] = right
    return np.asarray(rows)


def features(line: Strum) -> Floats:
    """Return one row a bar: its 16 onsets, the share of open ones, and how many there are (scaled)."""
    onset = line.onset.reshape(-1, BAR)
    total = onset.sum(axis=1, keepdims=True)
    share = (line.open * line.onset).reshape(-1, BAR).sum(axis=1, keepdims=True) / total
    return np.hstack([onset, 2 * share, total / 4]).astype(np.float64)


def cluster(lines: list[Strum], basis: list[Strum]) -> list[Strum]:
    """Return lines with the cluster of each bar, found on ``basis``; clusters are numbered by onsets a bar."""
    from sklearn.cluster import KMeans

    means = KMeans(CLUSTERS, n_init=4, random_state=0).fit(np.vstack([features(line) for line in basis]))
    order = np.argsort(np.argsort(means.cluster_centers_[:, :BAR].sum(axis=1), kind="stable"))
    return [line._replace(cluster=order[means.predict(features(line))].repeat(BAR)) for line in lines]


def fit(data: Path, tell: Tell) -> Fitted:
    """Return the tables ``guitar`` and ``lead`` and their held-out scores."""
    tell("reading the guitars of Freedoom and Helland")
    return fit_bands(list(bands(data)), tell)


def fit_bands(found: list[Band], tell: Tell) -> Fitted:
    """Return what ``fit`` does, from bands."""
    strums = [(b.song, line) for b in found for track in b.guitars if (line := strum_of(b, track)) is not None]
    licks = [(b.song, lick) for b in found for t in (*b.guitars, *b.leads) if (lick := lick_of(b, t)) is not None]
    tell(f"measuring {len(strums)} rhythm guitars and {len(licks)} leads on unseen songs")
    scores = (*_strum_scores(strums), *_lick_scores(licks))
    tell("fitting the guitars on all songs")
    lines = cluster(*([[line for _, line in strums]] * 2))
    return Fitted(
        {"guitar": strum_table(strum_model(lines), lines), "lead": lick_table(lick_model([line for _, line in licks]))},
        scores,
    )


def _strum_scores(strums: list[tuple[str, Strum]]) -> list[Score]:
    train, test = ([line for song, line in strums if held_out(song) == side] for side in (False, True))
    train, test = cluster(train, train), cluster(test, train)
    model, every = strum_model(train), Strum(*(np.concatenate(columns) for columns in zip(*test, strict=True)))
    rhythm = model.rhythm[every.guess, every.trust, every.drum, every.position, every.past, every.onset]
    struck, last = every.onset == 1, np.concatenate([last_open(line) for line in test])
    at = (every.gap[struck], last, every.cluster[struck], every.position[struck], every.drum[struck])
    opened = model.open[at][np.arange(len(last)), every.open[struck]]
    plain = [[line.open[line.onset == 1] for line in side] for side in (train, test)]
    return [
        _score("rhythm guitar", "slot", rhythm, bigram_bits([x.onset for x in train], [x.onset for x in test], 2)),
        _score("guitar touch", "note", opened, bigram_bits(plain[0], plain[1], 2)),
    ]


def _lick_scores(licks: list[tuple[str, Lick]]) -> list[Score]:
    train, test = ([line for song, line in licks if held_out(song) == side] for side in (False, True))
    model, every = lick_model(train), Lick(*(np.concatenate(columns) for columns in zip(*test, strict=True)))
    rhythm = model.rhythm[every.guess, every.trust, every.position, every.past, every.onset]
    moves = move_chances(model, every)[np.arange(len(every.move)), every.move]
    return [
        _score("lead rhythm", "slot", rhythm, bigram_bits([x.onset for x in train], [x.onset for x in test], 2)),
        _score("lead", "note", moves, bigram_bits([x.move for x in train], [x.move for x in test], MOVES)),
    ]


def _score(model: str, unit: str, chances: Floats, bigram: float) -> Score:
    return Score(model, unit, len(chances), float(-np.log2(chances).mean()), bigram)


def strum_table(model: StrumModel, lines: list[Strum]) -> Table:
    """Return the whole-number table of rhythm guitars; costs are 256 to the bit.

    rhythm (3, 6, 3, 16, 16, 2), free (16, C, 3, 16, 2), open (4, 3, C, 16, 3, 2): costs, axes as in StrumModel;
    share (C,): of bars, a row of 65,536; density (C,): onsets, and muted (C,): muted onsets, in 16 bars.
    """
    bars = np.concatenate([line.cluster[::BAR] for line in lines])
    onset = np.concatenate([line.onset.reshape(-1, BAR).sum(1) for line in lines])
    opened = np.concatenate([(line.open * line.onset).reshape(-1, BAR).sum(1) for line in lines])
    arrays: dict[str, NDArray[Any]] = {
        "rhythm": costs(model.rhythm),
        "free": costs(model.free),
        "open": costs(model.open),
        "share": whole(np.bincount(bars, minlength=CLUSTERS) / len(bars)),
        "density": _mean(onset, bars),
        "muted": _mean(onset - opened, bars),
    }
    return Table(_header("rhythm guitar: onsets against kick and snare with riff memory; muted or open"), arrays)


def _mean(values: Ints, bars: Ints) -> Ints:
    return np.array([round(16 * values[bars == kind].sum() / max((bars == kind).sum(), 1)) for kind in range(CLUSTERS)])


def lick_table(model: LickModel) -> Table:
    """Return the whole-number table of leads: costs, axes as in LickModel; tone relative to the plain interval."""
    arrays: dict[str, NDArray[Any]] = {
        "rhythm": costs(model.rhythm),
        "free": costs(model.free),
        "move": costs(model.move),
        "copy": costs(model.copy[..., 1]),
        "tone": costs((model.tone / model.plain) ** TONE_POWER),
    }
    return Table(_header("lead guitar: onsets and moves with riff memory, bent to the chord"), arrays)


def _header(about: str) -> dict[str, Any]:
    return dict(header(corpus=CORPUS, licence=LICENCE, command="hookline train rock", date=DATE, about=about))
