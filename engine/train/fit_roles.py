"""Fit of the roles of tracks: a random forest on tracks whose names tell what they are.

Names come from Freedoom, Tanner Helland's music and POP909 (MELODY, BRIDGE, PIANO); they are labels and never features.
As no corpus has sung bands, every band also borrows melodies of POP909's songs and of OpenEWLD's tunes; and as files
in the wild have wrong programs and channels, copies of all songs are told no programs, or nothing of the drum channel.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.errors import CorpusError
from engine.learn.grid import Laid, lay
from engine.learn.raw import START, RawTrack, Unheard, sound
from engine.learn.read import read
from engine.learn.roles import (
    BASS,
    CHANNEL10,
    DRUMS,
    KIT,
    LEAD,
    MELODY,
    PAD,
    PROGRAM,
    RHYTHM,
    ROLES,
    Forest,
    role_features,
)
from engine.models.tables import Table, header
from engine.theory.meter import QUARTER
from engine.train.base import DATE, Fitted, Score, Tell, held_out
from engine.train.corpora.freedoom import CORPUS, LICENCE
from engine.train.corpora.pop909_midi import songs

Ints = NDArray[np.int64]
_TREES, _LEAF, _DEPTH = 80, 2, 18
_BANDS = ("freedoom_midi", "helland_free_music")
# What a row counts: of a corpus of one band, of a whole band as made, told less than it says, on the drum channel
# against all custom.
_ALIKE, _REAL, _LESS, _STRAY = 0.3, 3.0, 0.15, 0.03
# Of POP909's songs one in so many also comes with its melody alone; so many voices are spliced into each band; and the
# programs they are played with in files: voices, winds, strings, keys, guitars, leads.
_ALONE, _SPLICED, _TUNES = 4, 3, 4
_VOICES = (0, 52, 53, 54, 56, 64, 65, 66, 68, 71, 73, 75, 40, 4, 11, 22, 25, 26, 27, 80, 81, 85)
# A name's role: the first pattern that fits. Names of sounds ("Square Lead", often doubling the bass) say nothing.
_NAMES = (
    (None, r"(square|saw\w*|bass|calliope|fifths) lead|lead \d|pizz|orchestal|\bhit\b|\bfx\b|effect"),
    (None, r"composed|midi out|track \d|remixed|reverse|rev ?cym|horn|timpani|tanner helland|www\."),
    (DRUMS, r"drum|\bdrm|percussion|standard kit|snare|cymbal|hi-hat|\btom\b|tambourine|power 1|\bfpc\b|d r u m"),
    (BASS, r"bass|\bbas\b|^basu|^bais|fretless"),
    (MELODY, r"melody|vocal"),
    (LEAD, r"\bled\d?\b|lead|bridge|solo"),
    (PAD, r"\bpad\b|strings?\b|^str\d?$|^stgz|choir|aah|ooh|string ensemble|sweep"),
    (RHYTHM, r"rhythm|^piano$|guitarchords|offbeats|clean guitar|muted? ?guitar|electric guitar"),
)


class Told(NamedTuple):
    """A song's tracks with features, and their roles (-1 where the name is silent).

    voice: the song whose voice was spliced in, "" for a file as it is.
    """

    song: str
    rows: Ints
    roles: Ints
    voice: str = ""


def role_of(name: str) -> int:
    """Return the role a track's name tells, -1 if none."""
    for role, pattern in _NAMES:
        if re.search(pattern, name.lower()):
            return -1 if role is None else role
    return -1


def told(data: Path) -> list[Told]:
    """Return the labelled songs under ``data``, those that were spliced after the others; raises CorpusError."""
    bands = [(f"{folder}/{path.stem}", *_laid(path)) for folder, path in _files(data)]
    pop = []
    for id, raw in songs(data):
        raw = sound(raw)
        pop.append((f"pop909/{id}", lay(raw), raw.tracks))
    found = [_told(*song) for song in [*bands, *pop]]
    tunes = list(_tunes(data))
    for id, laid, tracks in [*pop[::_ALONE], *tunes]:
        voice = _voice(tracks)
        if voice is not None:
            notes = laid.notes[laid.notes[:, 4] == voice].copy()
            notes[:, 4] = 0
            found.append(_told(id, laid._replace(notes=notes), (tracks[voice],))._replace(voice=id))
    for number, (song, played, tracks) in enumerate(bands):
        if any(role_of(track.name) == MELODY for track in tracks):
            continue
        for turn in range(_SPLICED):
            voices = pop if turn else tunes
            id, other, others = voices[(number * _SPLICED + turn) * 7 % len(voices)]
            voice = _voice(others)
            if voice is not None and held_out(song) == held_out(id):
                program = _VOICES[(number + turn) % len(_VOICES)]
                made = _spliced(played, tracks, other, replace(others[voice], program=program), voice)
                found.append(_told(song, *made)._replace(voice=id))
    return [item for item in found if (item.roles >= 0).any()]


def fit(data: Path, tell: Tell) -> Fitted:
    """Fit the forest; the score is the bits a named track takes on songs held out, against the roles' frequencies."""
    found = told(data)
    tell(f"{sum(int((item.roles >= 0).sum()) for item in found)} named tracks of {len(found)} songs")
    early = [item for item in found if not held_out(item.song)]
    late = [item for item in found if held_out(item.song)]
    forest = Forest(grow(early))
    rows, roles = _examples([item for item in late if not item.voice])
    chances = (forest.chances(rows) + 1e-3) / (1 + 6e-3)
    _, known = _examples(early)
    usual = np.bincount(known, minlength=len(ROLES)) / len(known)
    tell(f"accuracy on songs held out {np.mean(chances.argmax(1) == roles):.3f}")
    score = Score(
        "roles",
        "track",
        len(roles),
        float(-np.log2(chances[np.arange(len(roles)), roles]).mean()),
        float(-np.log2(usual[roles]).mean()),
    )
    return Fitted({"roles": grow(found)}, (score,))


def cross_validate(found: list[Told], folds: int = 5) -> tuple[Ints, Ints, list[str]]:
    """Return true and found roles of every named track of real files, and their songs.

    No song is on both sides of a fold, nor a band that borrows its voice; other releases of a file are the same song.
    """
    from sklearn.model_selection import GroupKFold

    names = [re.sub(r"^v\d[\d.]*__|^head__", "", item.song.partition("/")[2]) for item in found]
    truth, guess, where = [], [], []
    for early, late in GroupKFold(folds).split(names, groups=names):
        hidden = {found[at].song for at in late}
        forest = Forest(grow([found[at] for at in early if found[at].voice not in hidden]))
        for at in late:
            if found[at].voice:
                continue
            known = found[at].roles >= 0
            truth.append(found[at].roles[known])
            guess.append(forest.chances(found[at].rows[known]).argmax(1))
            where += [found[at].song] * int(known.sum())
    return np.concatenate(truth), np.concatenate(guess), where


def _tunes(data: Path) -> Iterator[tuple[str, Laid, tuple[RawTrack, ...]]]:
    # Lead sheets: plainer tunes than those of pop songs.
    for path in sorted((data / "openewld" / "mxl").rglob("*.mxl"))[::_TUNES]:
        raw = sound(next(read(path)))
        yield f"openewld/{path.stem}", lay(raw), tuple(replace(track, name="MELODY") for track in raw.tracks)


def _voice(tracks: tuple[RawTrack, ...]) -> int | None:
    return next((at for at, track in enumerate(tracks) if track.name == "MELODY"), None)


def _files(data: Path) -> Iterator[tuple[str, Path]]:
    for folder in _BANDS:
        paths = sorted((data / folder / "midi").glob("*.mid"))
        if not paths:
            raise CorpusError(f"no MIDI files in {data / folder / 'midi'}")
        yield from ((folder, path) for path in paths)


def _laid(path: Path) -> tuple[Laid | None, tuple[RawTrack, ...]]:
    try:
        raw = sound(next(read(path)))
        return lay(raw), raw.tracks
    except Unheard:
        return None, ()


def _told(song: str, laid: Laid | None, tracks: tuple[RawTrack, ...]) -> Told:
    if laid is None:
        return Told(song, np.zeros((0, 0), np.int64), np.zeros(0, np.int64))
    roles = np.array([role_of(track.name) for track in tracks], np.int64)
    few = np.array([len(track.notes) < 8 for track in tracks])
    return Told(song, role_features(laid, tracks), np.where(few, -1, roles))


def _spliced(
    laid: Laid | None, tracks: tuple[RawTrack, ...], other: Laid, voice: RawTrack, number: int
) -> tuple[Laid | None, tuple[RawTrack, ...]]:
    # The band with another song's voice in place of its leads.
    if laid is None:
        return None, ()
    sung = other.notes[other.notes[:, 4] == number].copy()
    first, last = laid.notes[:, START].min(), laid.notes[:, START].max()
    sung[:, START] += first - sung[:, START].min() // QUARTER * QUARTER
    sung = sung[sung[:, START] <= last]
    leads = [at for at, track in enumerate(tracks) if role_of(track.name) == LEAD]
    kept = [at for at in range(len(tracks)) if at not in leads]
    numbers = np.full(len(tracks), -1)
    numbers[kept] = np.arange(len(kept))
    rest = laid.notes[numbers[laid.notes[:, 4]] >= 0].copy()
    rest[:, 4] = numbers[rest[:, 4]]
    sung[:, 4] = len(kept)
    notes = np.concatenate([rest, sung])
    notes = notes[np.lexsort((notes[:, 2], notes[:, 4], notes[:, START]))]
    return laid._replace(notes=notes), (*(tracks[at] for at in kept), voice)


def _examples(found: list[Told]) -> tuple[Ints, Ints]:
    rows = np.concatenate([item.rows[item.roles >= 0] for item in found])
    roles = np.concatenate([item.roles[item.roles >= 0] for item in found])
    return rows, roles


def _varied(found: list[Told]) -> tuple[Ints, Ints, NDArray[np.float64]]:
    # With copies that know less, and the weight of each row: a corpus of one band counts for less than one of many.
    rows, roles = _examples(found)
    weight = np.concatenate([np.full((item.roles >= 0).sum(), _weight(item)) for item in found])
    silent, mute, wrong = rows.copy(), rows.copy(), rows.copy()
    silent[:, PROGRAM] = 0
    mute[:, PROGRAM], mute[:, CHANNEL10], mute[:, KIT] = 0, 0, 0
    # A voice or a bass that lies on the drum channel.
    wrong[:, PROGRAM], wrong[:, CHANNEL10] = -1000, 1000
    strays = np.arange(len(roles)) % 4 == 0
    return (
        np.concatenate([rows, silent, mute, wrong[strays]]),
        np.concatenate([roles, roles, roles, roles[strays]]),
        np.concatenate([weight, weight * _LESS, weight * _LESS, weight[strays] * _STRAY]),
    )


def _weight(item: Told) -> float:
    if item.song.startswith("pop909"):
        return _ALIKE
    return _REAL if item.song.startswith(_BANDS) and not item.voice else 1.0


def grow(found: list[Told]) -> Table:
    """Return the forest of named tracks, its limits and votes in whole numbers."""
    from sklearn.ensemble import RandomForestClassifier

    rows, roles, weight = _varied(found)
    forest = RandomForestClassifier(
        _TREES, min_samples_leaf=_LEAF, max_depth=_DEPTH, max_features=0.2, class_weight="balanced", random_state=0
    )
    forest.fit(rows, roles, weight)
    feature, limit, left, right, votes, roots, size = [], [], [], [], [], [], 0
    for tree in forest.estimators_:
        inner = tree.tree_
        roots.append(size)
        leaf = inner.children_left < 0
        feature.append(np.where(leaf, -1, inner.feature))
        limit.append(np.where(leaf, 0, np.floor(inner.threshold)))
        left.append(np.where(leaf, 0, inner.children_left + size))
        right.append(np.where(leaf, 0, inner.children_right + size))
        share = inner.value[:, 0, :] / inner.value[:, 0, :].sum(axis=1, keepdims=True)
        full = np.zeros((inner.node_count, len(ROLES)))
        full[:, forest.classes_] = np.where(leaf[:, None], share, 0)
        votes.append(np.round(255 * full))
        size += inner.node_count
    return Table(
        dict(
            header(
                corpus=f"{CORPUS}; POP909; OpenEWLD",
                licence=f"{LICENCE}; MIT (POP909); public domain and MIT (OpenEWLD)",
                command="hookline train listen",
                date=DATE,
                about="a random forest that tells the role of a track from its notes, program and channel",
                roles=list(ROLES),
            )
        ),
        {
            "feature": np.concatenate(feature).astype(np.int8),
            "limit": np.concatenate(limit).astype(np.int32),
            "left": np.concatenate(left).astype(np.int32),
            "right": np.concatenate(right).astype(np.int32),
            "votes": np.concatenate(votes).astype(np.uint8),
            "roots": np.array(roots, np.int32),
        },
    )
