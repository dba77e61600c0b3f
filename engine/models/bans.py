"""Bans: lines of remainders that notes must not make, held by the chain of pitches or watched as a line is drawn.

A line of even eighths may leave thousands of known runs open, so bans are kept as sorted numbers, a stretch of notes at
a time, and asked all at once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple

import numpy as np

from engine.models.viewpoints import Ints

RESIDUES = 3
MOST = 16  # bans that the chain itself follows, for its states multiply with theirs

# By the first note and how many notes: lines of remainders as numbers to the base RESIDUES, sorted, each once.
Bans = Mapping[tuple[int, int], Ints]


class Ban(NamedTuple):
    """Pitches that may not stand together: from the note ``first`` on, these remainders by RESIDUES."""

    first: int
    residues: tuple[int, ...]


class Follow(NamedTuple):
    """One step of the automaton that follows bans.

    after: the state that follows each state and residue, shape (states, RESIDUES); ``allowed``: 0 where a
    ban would be fulfilled, else 1.
    """

    after: Ints
    allowed: Ints


class _Lines(NamedTuple):
    """Lines, sorted, and the remainders that must not follow each, as bits."""

    lines: Ints
    forbidden: Ints


def gather(bans: Sequence[Ban]) -> Bans:
    """Return bans by their stretches."""
    found: dict[tuple[int, int], list[int]] = {}
    for ban in bans:
        found.setdefault((ban.first, len(ban.residues)), []).append(code(ban.residues))
    return {stretch: once(np.array(codes, dtype=np.int64)) for stretch, codes in found.items()}


def listed(bans: Bans) -> list[Ban]:
    """Return bans one by one, sorted."""
    return sorted(
        Ban(first, tuple(number // RESIDUES**place % RESIDUES for place in range(size - 1, -1, -1)))
        for (first, size), codes in bans.items()
        for number in codes.tolist()
    )


def code(residues: Sequence[int]) -> int:
    """Return a line of remainders as a number."""
    found = 0
    for residue in residues:
        found = found * RESIDUES + residue
    return found


def once(codes: Ints) -> Ints:
    """Return numbers sorted, each once: as np.unique would, without the masked arrays that it loads."""
    found = np.sort(codes)
    if len(found) < 2:
        return found
    new = np.ones(len(found), dtype=np.bool_)
    new[1:] = found[1:] != found[:-1]
    return found[new]


def kept(bans: Bans, pitches: Sequence[int]) -> bool:
    """Return whether a line keeps off all bans."""
    residues = [pitch % RESIDUES for pitch in pitches]
    return not any(
        first + size <= len(residues) and _has(codes, code(residues[first : first + size]))
        for (first, size), codes in bans.items()
    )


def _has(codes: Ints, number: int) -> bool:
    at = int(codes.searchsorted(number))
    return at < len(codes) and codes.item(at) == number


def closed(bans: Bans, open_residues: Sequence[Set[int]]) -> Bans:
    """Return the bans and what leads into them: stretches after which every note would fulfil one.

    open_residues: for each note the remainders that it may have at all. Who keeps off all of them is never stuck,
    unless from the first note on.
    """
    by_end: list[dict[int, list[_Lines]]] = [{} for _ in open_residues]
    for (first, size), codes in bans.items():
        by_end[first + size - 1].setdefault(first, []).append(_lines(codes))
    found: dict[tuple[int, int], Ints] = {}
    for last in range(len(open_residues) - 1, -1, -1):
        here = {first: _joined(some) for first, some in by_end[last].items()}
        for first, (lines, forbidden) in here.items():
            found[first, last - first + 1] = _codes(lines, forbidden)
            if first == last:
                continue
            need = sum(1 << residue for residue in open_residues[last]) & ~forbidden
            for other in here:
                if other > first:
                    # What a line may not go on with it may not by what its own end may not either.
                    known, theirs = here[other]
                    ends = lines % RESIDUES ** (last - other)
                    at = known.searchsorted(ends)
                    need &= ~(theirs.take(at, mode="clip") * (known.take(at, mode="clip") == ends))
            stuck = lines[need == 0]
            if len(stuck):
                by_end[last - 1].setdefault(first, []).append(_lines(stuck))
    return found


def _lines(codes: Ints) -> _Lines:
    """Return bans (sorted) by all but their last note."""
    lines, bits = codes // RESIDUES, 1 << codes % RESIDUES
    begins = np.flatnonzero(np.append(True, lines[1:] != lines[:-1]))
    return _Lines(lines[begins], np.bitwise_or.reduceat(bits, begins))


def _codes(lines: Ints, forbidden: Ints) -> Ints:
    parts = [lines[forbidden >> residue & 1 > 0] * RESIDUES + residue for residue in range(RESIDUES)]
    return np.sort(np.concatenate(parts))


def _joined(some: Sequence[_Lines]) -> _Lines:
    return some[0] if len(some) == 1 else _lines(once(np.concatenate([_codes(*part) for part in some])))


def divide(bans: Bans, most: int = MOST) -> tuple[list[Ban], Bans]:
    """Return at most ``most`` bans to follow and the others to watch.

    Rhythms that many songs share (a line of even eighths) leave hundreds of runs open; an automaton of them all
    would be too wide. Bans of one stretch of notes stay together, the smallest stretches are followed.
    """
    followed: dict[tuple[int, int], Ints] = {}
    watched: dict[tuple[int, int], Ints] = {}
    count = 0
    for stretch, codes in sorted(bans.items(), key=lambda item: (len(item[1]), item[0])):
        if count + len(codes) <= most:
            followed[stretch] = codes
            count += len(codes)
        else:
            watched[stretch] = codes
    return listed(followed), watched


def follow(bans: Sequence[Ban], count: int) -> list[Follow]:
    """Return the automaton of ``count`` notes that keeps off all bans; it starts in state 0.

    A state is the set of bans fulfilled so far.
    """
    states: list[frozenset[int]] = [frozenset()]
    found = []
    for note in range(count):
        begun = [number for number, ban in enumerate(bans) if ban.first == note]
        index: dict[frozenset[int], int] = {}
        after = np.zeros((len(states), RESIDUES), dtype=np.int64)
        allowed = np.ones((len(states), RESIDUES), dtype=np.int64)
        for number, state in enumerate(states):
            for residue in range(RESIDUES):
                kept = [k for k in (*state, *begun) if bans[k].residues[note - bans[k].first] == residue]
                if any(note - bans[k].first == len(bans[k].residues) - 1 for k in kept):
                    allowed[number, residue] = 0
                else:
                    after[number, residue] = index.setdefault(frozenset(kept), len(index))
        found.append(Follow(after, allowed))
        states = list(index) or [frozenset()]
    return found


class Watch:
    """Bans looked up as a line is drawn."""

    def __init__(self, bans: Bans) -> None:
        self._ending: dict[int, list[tuple[int, list[int]]]] = {}
        for (first, size), codes in bans.items():
            self._ending.setdefault(first + size - 1, []).append((first, codes.tolist()))

    def forbidden(self, residues: Sequence[int]) -> set[int]:
        """Return the remainders that the note after these must not have."""
        found = set[int]()
        for first, codes in self._ending.get(len(residues), ()):
            least = code(residues[first:]) * RESIDUES
            at = bisect_left(codes, least)
            found.update(number - least for number in codes[at : at + RESIDUES] if number < least + RESIDUES)
        return found
