"""What wishes mean, told another way than the program does: is a line as wished, and could any line be?"""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from engine.plan.keeping import Frame, thirds
from engine.plan.wishes import CONTOURS, HIGHEST, LEVEL, LOWEST, At, Wishes
from engine.song import Note
from engine.theory.meter import SLOT, Meter

LOW, HIGH = (
    {"arch": (0, 2), "valley": (1,), "rise": (0,), "fall": (2,)},
    {
        "arch": (1,),
        "valley": (0, 2),
        "rise": (2,),
        "fall": (0,),
    },
)
pitches = st.integers(50, 76)


@st.composite
def wishes(draw, bars: int = 4, most: int = 5) -> Wishes:
    """Some wishes for a section of so many bars in 4/4; many of them cannot be kept together."""
    at = st.builds(At, st.integers(1, bars), st.integers(1, 4), st.integers(1, 4))
    kinds = draw(
        st.sets(st.sampled_from(("first", "last", "highest", "range", "contour", "density", "rhythm")), max_size=most)
    )
    found: dict[str, object] = {}
    found["pins"] = tuple(draw(st.lists(st.tuples(at, pitches), max_size=3, unique=True)))
    found["avoid"] = tuple(draw(st.lists(st.integers(0, 11) | pitches, max_size=4, unique=True)))
    for name in {"first", "last", "highest"} & kinds:
        found[name] = draw(pitches)
    if "highest" in kinds:
        found["top"] = draw(st.integers(0, bars))
    if "range" in kinds:
        low = draw(pitches)
        found["range"] = (low, low + draw(st.integers(0, 16)))
    if "contour" in kinds:
        found["contour"] = draw(st.sampled_from(CONTOURS))
    if "density" in kinds:
        found["density"] = draw(st.integers(1, 100))
    if "rhythm" in kinds:
        slots = sorted(draw(st.sets(st.integers(0, 16 * bars - 1), min_size=1, max_size=20)))
        found["rhythm"] = tuple((slot, 1) for slot in slots)
    return Wishes(**found)  # type: ignore[arg-type]


def broken(notes: Sequence[Note], wished: Wishes, meter: Meter, bars: int) -> list[str]:
    """Return what of wishes a line does not keep."""
    rows = [(note.start // SLOT, note.pitch) for note in notes]
    heard = [pitch for _, pitch in rows]
    wrong = [f"pin {at}" for at, pitch in wished.pins if (at.slot(meter), pitch) not in rows]
    wrong += [f"avoid {note}" for note in wished.avoid for p in heard if (p % 12 if note < 12 else p) == note]
    if wished.first is not None and heard[0] != wished.first:
        wrong.append("first")
    if wished.last is not None and heard[-1] != wished.last:
        wrong.append("last")
    if wished.highest is not None:
        tops = {slot // meter.slots + 1 for slot, pitch in rows if pitch == wished.highest}
        if max(heard) != wished.highest or (wished.top and tops != {wished.top}):
            wrong.append("highest")
    if wished.range and not all(wished.range[0] <= pitch <= wished.range[1] for pitch in heard):
        wrong.append("range")
    if wished.density is not None and len(rows) != max((wished.density * (bars * meter.slots // 2) + 50) // 100, 1):
        wrong.append("density")
    if wished.rhythm and wished.rhythm != tuple((note.start // SLOT, note.length // SLOT) for note in notes):
        wrong.append("rhythm")
    if wished.contour and not shaped(rows, wished.contour, bars * meter.slots):
        wrong.append("contour")
    return wrong


def shaped(rows: Sequence[tuple[int, int]], contour: str, slots: int) -> bool:
    """Return whether a line has a contour: by the mean pitch in each third of the section."""
    if contour == "level":
        return max(pitch for _, pitch in rows) - min(pitch for _, pitch in rows) <= LEVEL
    parts = [[pitch for slot, pitch in rows if max(slot, 0) * 3 // slots == third] for third in range(3)]
    low = [sum(parts[third]) / len(parts[third]) for third in LOW[contour]]
    high = [sum(parts[third]) / len(parts[third]) for third in HIGH[contour]]
    return max(low) < min(high)


def possible(wished: Wishes, frame: Frame) -> bool:
    """Return whether some line keeps wishes: by going through the slots, and all that a line may be so far."""
    # That one voice reaches so far only matters for wishes that lie farther apart than those that are drawn here.
    return any(_line(wished, frame, split) for split in (range(40, 90) if wished.contour else (0,)))


def _line(wished: Wishes, frame: Frame, split: int) -> bool:
    meter, one_two = frame.meter, thirds(frame)
    pins: dict[int, set[int]] = {}
    for at, pitch in wished.pins:
        pins.setdefault(at.slot(meter), set()).add(pitch)
    if any(len(some) > 1 for some in pins.values()):
        return False
    given = {slot for slot, _ in wished.rhythm}
    need = {*LOW.get(wished.contour, ()), *HIGH.get(wished.contour, ())}
    many = None
    if wished.density is not None:
        many = max((wished.density * (frame.bars * meter.slots // 2) + 50) // 100, 1)
    # How many notes, whether the highest was sung, which thirds were, whether the last note so far may be the last.
    states = {(0, False, frozenset[int](), False)}
    for slot in range(frame.low, frame.high):
        third = sum(slot >= start for start in one_two)
        here = []
        for pitch in range(LOWEST, HIGHEST + 1):
            if slot in pins and pitch not in pins[slot]:
                continue
            if any((pitch % 12 if note < 12 else pitch) == note for note in wished.avoid):
                continue
            if wished.range and not wished.range[0] <= pitch <= wished.range[1]:
                continue
            if wished.highest is not None:
                away = wished.top and slot // meter.slots + 1 != wished.top
                if pitch > wished.highest or (away and pitch == wished.highest):
                    continue
            if wished.contour == "level" and not split <= pitch <= split + LEVEL:
                continue
            if third in LOW.get(wished.contour, ()) and pitch >= split:
                continue
            if third in HIGH.get(wished.contour, ()) and pitch < split:
                continue
            here.append(pitch)
        new = set()
        for count, top, sung, _ in states:
            for pitch in here if not given or slot in given else ():
                if not count and wished.first is not None and pitch != wished.first:
                    continue
                last = wished.last is None or pitch == wished.last
                new.add((min(count + 1, (many or 0) + 1), top or pitch == wished.highest, sung | {third} & need, last))
        if slot not in pins and slot not in given:
            new |= states
        states = new
    return any(
        count and (many is None or count == many) and (wished.highest is None or top) and sung == need and last
        for count, top, sung, last in states
    )
