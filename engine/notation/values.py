"""Written note values: how a sound or a silence of a bar is cut so that the beats can be seen, and what is beamed.

Lengths and places are slots (sixteenths) of the bar. The rules are those of Gould, Behind Bars (2011), pages
151-181: a value hides no stronger place than the one it starts on, but for the usual syncopations.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from engine.theory.meter import Meter

# Slots of a value: MusicXML's name of it, dots.
TYPES = {
    1: ("16th", 0),
    2: ("eighth", 0),
    3: ("eighth", 1),
    4: ("quarter", 0),
    6: ("quarter", 1),
    8: ("half", 0),
    12: ("half", 1),
    16: ("whole", 0),
    24: ("whole", 1),
}
_FLAGS = {1: 2, 2: 1, 3: 1}


@lru_cache(maxsize=4096)
def split(start: int, stop: int, meter: Meter, rest: bool = False) -> tuple[tuple[int, int], ...]:
    """Return the (start, length) of the values that a note or rest from start to stop is written as, the fewest.

    >>> split(6, 10, Meter(4, 4)), split(2, 6, Meter(4, 4))
    (((6, 2), (8, 2)), ((2, 4),))
    """
    # best[at]: (how many values, how weak the places they are parted at), and the values.
    best: dict[int, tuple[tuple[int, int], tuple[tuple[int, int], ...]]] = {start: ((0, 0), ())}
    for at in range(start + 1, stop + 1):
        found = []
        for before in range(start, at):
            if before in best and _seen(before, at, meter, rest):
                (count, weak), values = best[before]
                weak += 4 - meter.weight(before)
                found.append(((count + 1, weak), (*values, (before, at - before))))
        if found:
            best[at] = min(found)
    return best[stop][1]


def _seen(start: int, stop: int, meter: Meter, rest: bool) -> bool:
    """Return whether one value may stand from start to stop."""
    length = stop - start
    if length not in TYPES:
        return False
    if length == 1:
        return True
    weight, beat, compound = meter.weight, meter.beat, meter.beat == 6
    first = weight(start)
    last = 4 if stop == meter.slots else weight(stop)
    strongest = max(weight(at) for at in range(start + 1, stop))
    if compound and strongest > 1:  # what goes over a beat is made of whole beats
        return start % beat == 0 and stop % beat == 0 and first >= strongest
    if rest:
        if compound:
            return first >= strongest and (length != 3)
        plain = length & (length - 1) == 0
        return plain and first > strongest - (first == 4) and start % length == 0 and (length <= 4 or _halves(meter))
    if first >= strongest:
        return True
    inside = [at for at in range(start + 1, stop) if weight(at) == strongest]
    level = first == strongest - 1 and len(inside) == 1
    return level and (last >= strongest or 2 * inside[0] == start + stop)


def _halves(meter: Meter) -> bool:
    return meter.slots % (2 * meter.beat) == 0


def beams(values: Sequence[tuple[int, int, bool]], meter: Meter) -> list[tuple[str, ...]]:
    """Return MusicXML's beams of each (start, length, is a rest): the eighths' beam, then the sixteenths'.

    A beam holds a beat; two beats of eighths alone, a half bar of 4/4.
    """
    found: list[tuple[str, ...]] = [()] * len(values)
    for group in _groups(values, meter):
        flags = [_FLAGS[values[n][1]] for n in group]
        for k, n in enumerate(group):
            found[n] = tuple(_beam(flags, k, level) for level in range(1, flags[k] + 1))
    return found


def _groups(values: Sequence[tuple[int, int, bool]], meter: Meter) -> list[list[int]]:
    """Return the runs of values under one beam, each at least two long."""
    groups: list[list[int]] = []
    end = -1  # slot up to which the open group may go
    after = 0  # slot where the last value of the group ended
    for n, (start, length, rest) in enumerate(values):
        if rest or length not in _FLAGS:
            end = -1
            continue
        if start < end and after == start:
            groups[-1].append(n)
        else:
            groups.append([n])
            end = start - start % meter.beat + meter.beat
        after = start + length
    if meter.beat == 4 and _halves(meter):
        groups = _joined(groups, values, meter)
    return [group for group in groups if len(group) > 1]


def _joined(groups: list[list[int]], values: Sequence[tuple[int, int, bool]], meter: Meter) -> list[list[int]]:
    """Return the groups with those of a half bar made one where all four values are eighths."""
    found: list[list[int]] = []
    for group in groups:
        start = values[group[0]][0]
        before = found[-1] if found else []
        both = before + group
        pair = len(before) == 2 and len(group) == 2 and all(values[n][1] == 2 for n in both)
        if pair and values[before[0]][0] % 8 == 0 and start == values[before[0]][0] + 4:
            found[-1] = both
        else:
            found.append(group)
    return found


def _beam(flags: Sequence[int], k: int, level: int) -> str:
    left = k > 0 and flags[k - 1] >= level
    right = k + 1 < len(flags) and flags[k + 1] >= level
    if left and right:
        return "continue"
    if left or right:
        return "end" if left else "begin"
    return "forward hook" if k == 0 else "backward hook"
