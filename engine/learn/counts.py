"""Counts that add up in any order: whole numbers by whole-number keys, and samples of songs.

A sample keeps the songs whose hash is lowest: whichever way parts are joined, the same songs stay.
"""

from __future__ import annotations

import io
import json
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from engine.learn.raw import Ints

_PENDING = 1 << 20  # keys that wait to be added up
_NONE: Ints = np.zeros(0, dtype=np.int64)
_MANY = {"melodies": 4096}  # songs of samples that keep another number than most, whichever side they are of


class Kept(NamedTuple):
    """A song of a sample: its hash (hexadecimal, as text), and what is kept of it (plain values)."""

    hash: str
    value: object


class Counts:
    """Sums by table and key, and samples by name; ``join`` adds another's."""

    def __init__(self, most: int = 512) -> None:
        self._most = most
        self._waiting: dict[str, list[tuple[Ints, Ints]]] = defaultdict(list)
        self._pending = 0
        self._samples: dict[str, dict[str, object]] = defaultdict(dict)

    def add(self, table: str, keys: Ints, values: Ints | None = None) -> None:
        """Add values (1 each where none are given) to keys of a table; keys may come more than once."""
        keys = np.asarray(keys, dtype=np.int64).ravel()
        if not len(keys):
            return
        many = np.ones(len(keys), dtype=np.int64) if values is None else np.asarray(values, dtype=np.int64).ravel()
        self._waiting[table].append((keys, many))
        self._pending += len(keys)
        if self._pending > _PENDING:
            self.settle()

    def keep(self, sample: str, hash_: str, value: object) -> None:
        """Offer a song to a sample."""
        self._samples[sample][hash_] = value
        if len(self._samples[sample]) > 2 * self._room(sample):
            self._trim(sample)

    def join(self, other: Counts) -> None:
        """Add everything that another counted."""
        for table, parts in other._waiting.items():
            for keys, values in parts:
                self.add(table, keys, values)
        for sample, songs in other._samples.items():
            self._samples[sample].update(songs)
            self._trim(sample)

    def settle(self) -> None:
        """Add up what waits."""
        self._pending = 0
        for table, parts in self._waiting.items():
            if len(parts) > 1 or not _rising(parts[0][0]):
                self._waiting[table] = [summed(parts)]

    def table(self, name: str) -> tuple[Ints, Ints]:
        """Return (keys, sums) of a table, keys rising."""
        parts = self._waiting.get(name)
        if not parts:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        if len(parts) > 1 or not _rising(parts[0][0]):
            self._waiting[name] = parts = [summed(parts)]
        return parts[0]

    def dense(self, name: str, shape: tuple[int, ...]) -> Ints:
        """Return a table as an array of some shape; keys are places in it."""
        found = np.zeros(int(np.prod(shape)), dtype=np.int64)
        keys, values = self.table(name)
        found[keys] = values
        return found.reshape(shape)

    def sample(self, name: str, most: int | None = None) -> tuple[Kept, ...]:
        """Return the songs of a sample, by hash; at most so many."""
        songs = self._samples.get(name, {})
        return tuple(Kept(key, songs[key]) for key in sorted(songs)[: self._room(name) if most is None else most])

    def without_sides(self, sides: tuple[str, ...]) -> Counts:
        """Return all counts together, whichever of some words their names begin with."""
        found = Counts(self._most)
        self.settle()
        for name, parts in self._waiting.items():
            for keys, values in parts:
                found.add(_beheaded(name, sides), keys, values)
        for name, songs in self._samples.items():
            found._samples[_beheaded(name, sides)].update(songs)
        for name in found._samples:
            found._trim(name)
        return found

    def pack(self) -> bytes:
        """Return all as bytes; the same counts give the same bytes."""
        self.settle()
        names = sorted(self._waiting)
        tables = [self.table(name) for name in names]
        for sample in self._samples:
            self._trim(sample)
        samples = {name: sorted(self._samples[name].items()) for name in sorted(self._samples)}
        sizes = [len(keys) for keys, _ in tables]
        text = json.dumps({"tables": names, "sizes": sizes, "samples": samples}, sort_keys=True)
        buffer = io.BytesIO()
        # All tables end to end: hundreds of small arrays take longer to write than to count.
        np.savez(
            buffer,
            text=np.frombuffer(text.encode(), dtype=np.uint8),
            keys=np.concatenate([_NONE, *(keys for keys, _ in tables)]),
            values=np.concatenate([_NONE, *(values for _, values in tables)]),
        )
        return buffer.getvalue()

    @classmethod
    def unpack(cls, data: bytes, most: int = 512) -> Counts:
        """Return what ``pack`` made bytes of; raises ValueError, KeyError or OSError for anything else."""
        found = cls(most)
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            head = json.loads(arrays["text"].tobytes())
            cuts = np.cumsum(head["sizes"], dtype=np.int64)[:-1]
            parts = zip(np.split(arrays["keys"], cuts), np.split(arrays["values"], cuts), strict=True)
            for name, (keys, values) in zip(head["tables"], parts, strict=bool(head["tables"])):
                found.add(name, keys, values)
        for name, songs in head["samples"].items():
            found._samples[name] = dict(songs)
        return found

    def _trim(self, sample: str) -> None:
        songs, room = self._samples[sample], self._room(sample)
        if len(songs) > room:
            self._samples[sample] = {key: songs[key] for key in sorted(songs)[:room]}

    def _room(self, sample: str) -> int:
        return _MANY.get(sample.rpartition("/")[2], self._most)


def summed(parts: Iterable[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    """Return keys, rising, and the sum of the values of each."""
    pairs = list(parts)
    keys, values = (np.concatenate([pair[side] for pair in pairs]) for side in (0, 1))
    order = np.argsort(keys, kind="stable")
    keys, values = keys[order], values[order]
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    return keys[first], np.add.reduceat(values, first)


def _beheaded(name: str, sides: tuple[str, ...]) -> str:
    return next((name[len(side) :] for side in sides if name.startswith(side)), name)


def _rising(keys: Ints) -> bool:
    return bool((keys[1:] > keys[:-1]).all())
