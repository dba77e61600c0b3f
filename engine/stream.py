"""Chance by place: every random number is a hash of where it is used.

A stream is named by the seed and a path of labels ("material", "chorus", "bass", "notes", take).
Nothing is consumed, so the order of calls cannot matter and a new draw in one place cannot shift
another. The hash is BLAKE2b (RFC 7693) for keys and SHAKE-128 (FIPS 202) for numbers: both are in
the standard library, defined bit for bit, and need no numpy.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from typing import TypeVar

# Part of every key. Changing it changes every song: a deliberate act, noted in the changelog.
VERSION = b"hookline/1"

T = TypeVar("T")


class Stream:
    """A source of numbers for one place of one song.

    >>> Stream.of(7).at("chorus", "bass").words(2) == Stream.of(7).at("chorus", "bass").words(3)[:2]
    True
    """

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def of(cls, seed: int) -> Stream:
        """Return the root stream of a seed (any whole number)."""
        return _root(int(seed))

    def at(self, *labels: str | int) -> Stream:
        """Return the stream of a place below this one; the parent is left as it was."""
        return Stream(_digest(self._key, labels))

    def words(self, count: int) -> list[int]:
        """Return ``count`` whole numbers, uniform on 0 .. 2**64-1; a longer list starts with a shorter one."""
        return list(struct.unpack(f"<{count}Q", self.data(8 * count)))

    def data(self, count: int) -> bytes:
        """Return ``count`` uniform bytes (little-endian words of 8 bytes are what ``words`` gives)."""
        return hashlib.shake_128(self._key).digest(count)

    def below(self, limit: int) -> int:
        """Return one whole number on 0 .. limit-1."""
        return (self.words(1)[0] * limit) >> 64

    def pick(self, items: Sequence[T], weights: Sequence[int] | None = None) -> T:
        """Return one of ``items``, by whole-number ``weights`` (equal when None)."""
        if weights is None:
            return items[self.below(len(items))]
        return items[choose(weights, self.words(1)[0])]


@lru_cache(maxsize=64)
def _root(seed: int) -> Stream:
    return Stream(_digest(VERSION, (seed,)))


def choose(weights: Sequence[int], word: int) -> int:
    """Return the index that a 64-bit ``word`` selects among whole-number ``weights``.

    Raises ValueError when no weight is positive.
    """
    sums = list(accumulate(weights))
    if not sums or sums[-1] <= 0:
        raise ValueError("no choice has a positive weight")
    target = (word * sums[-1]) >> 64
    for index, bound in enumerate(sums):
        if target < bound:
            return index
    raise AssertionError("unreachable: target < total")


def _digest(key: bytes, labels: Sequence[str | int]) -> bytes:
    # Each label carries its type and length, so ("a", "bc") and ("ab", "c"), or 1 and "1", differ.
    parts = [key]
    for label in labels:
        text = str(label).encode()
        parts.append(b"%c%d:%b" % (b"i" if isinstance(label, int) else b"s", len(text), text))
    return hashlib.blake2b(b"".join(parts), digest_size=16).digest()
