"""From counts to the tables of a style: what the parent knows, and what was heard, in one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.learn.counts import Counts
from engine.learn.harmony import learn_harmony
from engine.learn.known import with_melodies
from engine.learn.merge import STRENGTHS, USUAL, blended, merged, mixed_rows, own_share
from engine.learn.parent import MIXTURES, SONGS, Parent
from engine.learn.tally import Events
from engine.models.mixture import Mixture
from engine.models.tables import Table
from engine.style.model import Style

_ROWS = {"manner": 24, "drums": 24, "bass": 16}  # songs that the parent's are worth
_LENGTHS = 64.0  # notes that the parent's lengths are worth
_STROKES = 24.0  # events of a context that the parent's guitars are worth


class Learnt(NamedTuple):
    """One model of a learnt style.

    name: of the model. unit: what an event is. events: held-out ones. before, after: bits an event there, of the
    parent and of the style as learnt without them (None where nothing was held out). share: of the rows the style's
    songs meet that is its own, 0..1. note: how, in words.
    """

    name: str
    unit: str
    events: int
    before: float | None
    after: float | None
    share: float
    note: str


class Frozen(NamedTuple):
    """The tables of a style that differ from the parent's, and what was learnt."""

    tables: dict[str, Table]
    models: tuple[Learnt, ...]


_UNITS = {
    "pitch": ("melody: pitch", "note"),
    "rhythm": ("melody: rhythm", "slot"),
    "bass_rhythm": ("bass: rhythm", "slot"),
    "bass_pitch": ("bass: pitch", "note"),
    "feet": ("drums: kick and snare", "slot"),
    "hands": ("drums: hands", "slot"),
}


def freeze(
    parent: Parent, style: Style, counts: Counts, unseen: Mapping[str, list[Events]], facts: Mapping[str, Any]
) -> Frozen:
    """Return the tables of a style.

    counts: of all songs, tables named "seen/..." and "held/...". unseen: events of held-out songs, by mixture.
    facts: what headers say of where the tables come from ("corpus", "command").
    """
    both = joined(counts)
    tables: dict[str, Table] = {}
    models: list[Learnt] = []
    for name in MIXTURES:
        found = _mixture(name, parent, counts, both, unseen.get(name, []))
        if found is not None:
            mixture, told = found
            tables[name] = mixture.table(_header(parent.tables[name], facts))
            models.append(told)
    for name in SONGS:
        rows = np.array([item.value for item in both.sample(name)], dtype=np.int64)
        if len(rows):
            key = {"manner": "songs", "drums": "songs", "bass": "manner"}[name]
            table = parent.tables[name]
            mixed = mixed_rows(table.arrays[key].astype(np.int64), rows, _ROWS[name])
            arrays = {**table.arrays, key: mixed.astype(table.arrays[key].dtype)}
            tables[name] = Table(_header(table, facts), arrays)
            share = len(rows) / (len(rows) + _ROWS[name])
            what = {"manner": "melody: manner of songs", "drums": "drums: traits of songs", "bass": "bass: players"}[
                name
            ]
            models.append(
                Learnt(what, "song", 0, None, None, share, f"{len(rows)} songs beside {_ROWS[name]} of the parent's")
            )
    for name, add in (("guitar", _guitar), ("lead", _lead), ("lengths", _lengths)):
        learnt = add(parent.tables[name], both)
        if learnt is not None:
            tables[name] = Table(_header(parent.tables[name], facts), learnt[0])
            models.append(learnt[1])
    songs = both.sample("songs")
    if songs:
        learnt_harmony = learn_harmony(parent.tables["harmony"], style, songs)
        table = learnt_harmony.table
        tables["harmony"] = Table(_header(table, facts), table.arrays)
        note = f"{learnt_harmony.sections} sections of {learnt_harmony.songs} songs"
        models.append(Learnt("harmony", "section", 0, None, None, learnt_harmony.share, note))
    known, count = with_melodies(parent.tables["novelty"], both)
    if count:
        tables["novelty"] = Table(_header(known, facts), known.arrays)
        share = count / len(known.header["titles"])
        note = f"{count} melodies beside the parent's, none of which may be sung for long"
        models.append(Learnt("melody: known runs", "song", 0, None, None, share, note))
    return Frozen(tables, tuple(models))


def joined(counts: Counts) -> Counts:
    """Return counts without sides: seen and held-out songs together."""
    return counts.without_sides(("seen/", "held/"))


def _mixture(
    name: str, parent: Parent, counts: Counts, both: Counts, unseen: list[Events]
) -> tuple[Mixture, Learnt] | None:
    old = parent.mixtures[name]
    if not len(both.table(f"{name}/0/0")[0]):
        return None
    strength, before, after, events = USUAL, None, None, 0
    if unseen and len(counts.table(f"seen/{name}/0/0")[0]):
        before, events = bits(old, unseen)
        tried = [(bits(merged(old, counts, f"seen/{name}", s), unseen)[0], s) for s in STRENGTHS]
        after, strength = min(tried)
    share = own_share(old, both, name, strength)
    told, unit = _UNITS[name]
    note = f"a row of the parent's is worth {strength:g} events"
    return merged(old, both, name, strength), Learnt(told, unit, events, before, after, share, note)


def bits(mixture: Mixture, songs: list[Events]) -> tuple[float, int]:
    """Return bits an event of songs, each remembered from its first event on, and how many events there are."""
    total, count = 0.0, 0
    for columns, events, owners in songs:
        rows = mixture.running_rows(columns, events, owners)
        chosen = rows[np.arange(len(events)), events]
        total -= float(np.log2(np.maximum(chosen, 0.5) / 65536).sum())
        count += len(events)
    return total / max(count, 1), count


def _guitar(table: Table, counts: Counts) -> tuple[dict[str, NDArray[Any]], Learnt] | None:
    keys, _ = counts.table("guitar/bars")
    if not len(keys):
        return None
    arrays = dict(table.arrays)
    for name in ("rhythm", "free", "open"):
        costs = arrays[name].astype(np.int64)
        arrays[name] = blended(costs, counts.dense(f"guitar/{name}", costs.shape), _STROKES)
    bars = counts.dense("guitar/bars", table.arrays["share"].shape)
    old = table.arrays["share"].astype(np.float64) / 65536
    new = (bars + 64 * old) / (bars.sum() + 64)
    arrays["share"] = _whole(new, table.arrays["share"].dtype)
    share = float(bars.sum() / (bars.sum() + 64))
    return arrays, Learnt(
        "rhythm guitar", "bar", 0, None, None, share, f"{int(bars.sum()):,} bars beside 64 of the parent's"
    )


def _lead(table: Table, counts: Counts) -> tuple[dict[str, NDArray[Any]], Learnt] | None:
    # Bent to the chord as the parent's: what a tone is worth above a root is theory more than style.
    arrays = dict(table.arrays)
    moves = counts.dense("lead/move", arrays["move"].shape)
    if not moves.sum():
        return None
    for name in ("rhythm", "free", "move"):
        costs = arrays[name].astype(np.int64)
        arrays[name] = blended(costs, counts.dense(f"lead/{name}", costs.shape), _STROKES)
    right = np.exp2(-arrays["copy"].astype(np.float64) / 256)
    costs = np.rint(-256 * np.log2(np.maximum(np.stack([1 - right, right], axis=-1), 1e-6))).astype(np.int64)
    arrays["copy"] = blended(costs, counts.dense("lead/copy", (*right.shape, 2)), _STROKES)[..., 1]
    total = moves.sum(axis=1)
    share = float((total * total / (total + _STROKES)).sum() / total.sum())
    note = f"{int(moves.sum()):,} notes; a row of the parent's is worth {_STROKES:g}"
    return arrays, Learnt("lead", "note", 0, None, None, share, note)


def _lengths(table: Table, counts: Counts) -> tuple[dict[str, NDArray[Any]], Learnt] | None:
    old = table.arrays["lengths"].astype(np.float64)
    own = counts.dense("lengths", old.shape)
    if not own.sum():
        return None
    prior = old / old.sum(axis=-1, keepdims=True)
    new = (own + _LENGTHS * prior) / (own.sum(axis=-1, keepdims=True) + _LENGTHS)
    scaled = np.maximum(np.rint(new / new.sum(axis=-1, keepdims=True) * 65535), 1).astype(np.uint16)
    total = own.sum(axis=-1)
    share = float((total * total / (total + _LENGTHS)).sum() / total.sum())
    note = f"{int(own.sum()):,} notes; a row of the parent's is worth {_LENGTHS:g}"
    return {"lengths": scaled}, Learnt("melody: lengths of notes", "note", 0, None, None, share, note)


def _whole(parts: NDArray[np.float64], dtype: Any) -> NDArray[Any]:
    from engine.chain.costs import row

    return np.asarray(row(np.rint(parts * 10**9).astype(np.int64)), dtype=dtype)


def _header(table: Table, facts: Mapping[str, Any]) -> dict[str, Any]:
    head = dict(table.header)
    head["corpus"] = f"{facts['corpus']}; over: {head['corpus']}"
    head["command"] = facts["command"]
    return head
