"""The phrases of a section: which lines come again, and where in each the voice sings.

A material's phrases are one derivation of the phrase grammar; leaves of one shared subtree get one letter.
The windows of singing are drawn letter by letter from how RS200's singers place their lines in two bars.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from engine.grammar.derive import derive
from engine.grammar.load import load_grammar
from engine.grammar.model import BAR, Grammar
from engine.grammar.tree import Node
from engine.models import tables
from engine.plan.again import Leaf, Takes, over_chords
from engine.plan.ending import ending_bar
from engine.plan.manner import song_manner
from engine.plan.plan import Plan
from engine.song import Phrase, Section
from engine.stream import choose
from engine.theory.meter import placed

KINDS = ("verse", "prechorus", "chorus", "bridge")  # what is sung by default, the bridge only when asked for
SHAPES = ("verse", "chorus", "other")  # kinds that have rule weights of their own; "other" is all together
START = "Strain"

_FEW = 30  # percent of sixteenths, below which a voice has none at either end of a line
EARLIEST = -8  # the first slot counted in the tables of windows, from the line's own start
OVER = 4  # slots past its last bar in which a line may still end
PICKUP = 4  # slots before its section in which a voice may begin, and that a section leaves free at its end
SHORTEST = 3  # slots that a line needs for each of its bars, its pick-up aside
HOOK = 6  # the same, for the chorus's first line
_FULL = 65_536


class Model(NamedTuple):
    """What was learnt of phrases; windows are in sixteenths of bars of sixteen.

    weights: by shape, of each rule label. first: by kind, weight of the slot (from EARLIEST) at which a line of
    two bars begins. last: by quarter of that slot, weight of its last onset. same: share (of 65,536) of lines
    that begin like the one before. silent: share of two bars left unsung, by their number (0..3) in eight.
    takes: which lines come again.
    """

    weights: Mapping[str, Mapping[str, int]]
    first: Mapping[str, tuple[int, ...]]
    last: tuple[tuple[int, ...], ...]
    same: int
    silent: tuple[int, ...]
    takes: Takes


def add_phrases(plan: Plan) -> Plan:
    """Return the plan with ``Section.phrases`` filled; sections without singing have empty windows."""
    return replace(plan, sections=tuple(replace(s, phrases=_phrases(plan, s)) for s in plan.sections))


def phrase_tree(plan: Plan, section: Section) -> Node:
    """Return the derivation of a section's phrases, in lines of the phrase grammar."""
    return plan.once(
        ("phrase tree", section.material, section.bars, section.kind),
        lambda: derive(
            _grammar(plan.style.phrases, plan.style.models, section.kind, _percent(plan)),
            START,
            section.bars * BAR,
            plan.shared(section, "phrases", "lines"),
        ),
    )


def sings(plan: Plan, section: Section) -> bool:
    """Return whether a voice sings here: verses and choruses, a bridge on request, what else the style names."""
    if section.kind == "bridge":
        return plan.bridge_melody
    return section.kind in KINDS or (section.kind == "outro" and "melody" in section.players)


def _phrases(plan: Plan, section: Section) -> tuple[Phrase, ...]:
    leaves = over_chords(
        model(plan.style.models).takes,
        SHAPES.index(section.kind if section.kind in SHAPES else "other"),
        song_manner(plan).again,
        section,
        plan.meter.bar,
        lines(phrase_tree(plan, section)),
        plan.shared(section, "phrases", "again"),
    )
    letters: dict[tuple[object, ...], str] = {}
    for leaf in leaves:
        letters.setdefault(leaf.identity, _letter(len(letters)))
    slots = plan.meter.slots
    windows = _windows(plan, section, leaves) if sings(plan, section) else [(0, 0)] * len(leaves)
    return tuple(
        Phrase(
            leaf.start * slots,
            leaf.bars * slots,
            letters[leaf.identity],
            leaf.change,
            (leaf.start * slots + window[0], leaf.start * slots + window[1]),
        )
        for leaf, window in zip(leaves, windows, strict=True)
    )


def lines(tree: Node) -> list[Leaf]:
    """Return the lines of a derivation, in order.

    The end that replaces the last bars of a shared line belongs to that line (change "end"); an answer is
    another form of the line before it (change "answer").
    """
    found: list[Leaf] = []
    whole: dict[tuple[object, ...], int] = {}
    for leaf, trail in tree.leaves():
        start, bars = leaf.start // BAR, leaf.length // BAR
        shares = [node for node in (*trail, leaf) if node.share]
        ending = any(node.change == "end" and leaf.start >= node.children[-1].start for node in trail)
        inner = next((node for node in reversed(shares) if not _ends(node, leaf)), None)
        identity: tuple[object, ...] = (inner.share, leaf.start - inner.start) if inner else ("", leaf.start)
        if (
            ending
            and found
            and whole[found[-1].identity] > found[-1].bars
            and found[-1].start + found[-1].bars == start
        ):
            found[-1] = found[-1]._replace(bars=found[-1].bars + bars, change="end")
            continue
        change = "vary" if any(node.change == "vary" for node in shares) else ""
        if leaf.symbol == "answer" and found:
            identity, change = found[-1].identity, "answer"
        whole[identity] = max(whole.get(identity, 0), bars)
        found.append(Leaf(start, bars, identity, change))
    return found


def _ends(node: Node, leaf: Node) -> bool:
    """Return whether a leaf is the other ending of a shared subtree, and so none of its material."""
    return node.change == "end" and bool(node.children) and leaf.start >= node.children[-1].start


def _letter(number: int) -> str:
    letters = "abcdefghijklmnopqrstuvwxyz"
    return letters[number % 26] + (str(number // 26 + 1) if number >= 26 else "")


def _windows(plan: Plan, section: Section, leaves: Sequence[Leaf]) -> list[tuple[int, int]]:
    """Return for each line the slots (first, last + 1) for the voice, from the line's start; (0, 0) is silence."""
    learnt = model(plan.style.models)
    own: dict[tuple[object, ...], tuple[int, int]] = {}
    ends: dict[tuple[object, ...], tuple[int, int]] = {}
    windows: list[tuple[int, int]] = []
    before: int | None = None
    end = -2 * OVER  # of the line before, from the start of this one
    for number, leaf in enumerate(leaves):
        if leaf.identity not in own:
            stream = plan.shared(section, "phrases", f"window {len(own)}").words(4)
            own[leaf.identity] = _window(learnt, section.kind, leaf, number, before, end, stream)
        window = own[leaf.identity]
        room = _room(plan, section) - leaf.start * 16
        if window[1] and (leaf.change in ("end", "answer") or window[1] > room):
            key = (*leaf.identity, leaf.change, min(room, leaf.bars * 16 + OVER))
            if key not in ends:
                stream = plan.shared(section, "phrases", f"other end {len(ends)}").words(1)
                ends[key] = (window[0], _last(learnt, leaf.bars, window[0], room, stream[0]))
            window = ends[key]
        windows.append(window)
        before = window[0] if window[1] else before
        end = (window[1] or 0) - leaf.bars * 16
    return _fitted(plan, section, leaves, windows)


def _window(
    learnt: Model, kind: str, leaf: Leaf, number: int, before: int | None, end: int, words: Sequence[int]
) -> tuple[int, int]:
    place = leaf.start // 2 % len(learnt.silent)
    if number and leaf.bars == 2 and words[0] * _FULL >> 64 < learnt.silent[place]:
        return (0, 0)
    early = before is not None and end < before and before + SHORTEST * leaf.bars < leaf.bars * 16
    if before is not None and early and words[1] * _FULL >> 64 < learnt.same:
        first = before
    else:
        weights = learnt.first[kind if kind in learnt.first else "other"]
        # A line needs room: a short one must begin early.
        latest = leaf.bars * (16 - SHORTEST) - EARLIEST
        # It waits for the end of the line before.
        open_slots = [weight if slot > end else 0 for slot, weight in enumerate(weights[:latest], EARLIEST)]
        first = EARLIEST + choose(open_slots if any(open_slots) else weights[:latest], words[2])
    least = HOOK if kind == "chorus" and not number else SHORTEST
    return (first, _last(learnt, leaf.bars, first, leaf.bars * 16 + OVER, words[3], least))


def _last(learnt: Model, bars: int, first: int, room: int, word: int, least: int = SHORTEST) -> int:
    """Return the slot after the last onset of a line, drawn for lines of two bars and moved for others."""
    moved = 16 * (bars - 2)
    row = learnt.last[max(0, first - EARLIEST) // 4 if bars < 3 else 0]
    low, high = max(first, 0) + least * bars - moved, min(room, 16 * bars + OVER) - 1 - moved
    weights = [w if low <= slot <= high else 0 for slot, w in enumerate(row, EARLIEST)]
    if not any(weights):
        return min(max(first, 0) + least * bars + 4, 16 * bars)
    return EARLIEST + choose(weights, word) + moved + 1


def _room(plan: Plan, section: Section) -> int:
    """Return the sixteenth (of bars of sixteen) at which the voice must be silent."""
    ending = ending_bar(plan, section)
    return ending * 16 if ending >= 0 else section.bars * 16 - PICKUP


def _fitted(
    plan: Plan, section: Section, leaves: Sequence[Leaf], windows: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Return the windows in slots of the metre, none in another's way and none past the section's free end."""
    slots, like = plan.meter.slots, placed(plan.meter)

    # Where the voice keeps to eighths, its lines begin and end on them.
    coarse = 2 if plan.eighths or plan.style.rules["melody.sixteenths"] < _FEW else 1

    def here(slot: int) -> int:
        at = slot // 16 * slots + like[slot % 16]
        return at - at % coarse

    ending = ending_bar(plan, section)
    room = ending * slots if ending >= 0 else section.bars * slots - PICKUP
    free = 0 if section.start_bar == 0 else -PICKUP
    found: list[tuple[int, int]] = []
    starts = [leaf.start * slots for leaf in leaves]
    lows = [start + here(first) for start, (first, _) in zip(starts, windows, strict=True)]
    for number, (start, (_, last)) in enumerate(zip(starts, windows, strict=True)):
        low, high = max(lows[number], free), min(start + here(last - 1) + 1, room)
        if number + 1 < len(leaves) and windows[number + 1][1]:
            # A line that comes again may begin early: the one before it ends in time.
            high = min(high, lows[number + 1] - 1)
        if last and high - max(low, start) >= SHORTEST:
            free = high
            found.append((low - start, high - start))
        else:
            found.append((0, 0))
    return found


def _percent(plan: Plan) -> tuple[tuple[str, int], ...]:
    return tuple(
        sorted(
            (label.partition(".")[2], value)
            for label, value in plan.style.grammar_weights.items()
            if label.startswith("phrases.")
        )
    )


@lru_cache(maxsize=64)
def _grammar(name: str, models: str, kind: str, percent: tuple[tuple[str, int], ...]) -> Grammar:
    weights = model(models).weights
    grammar = load_grammar(name, models).with_weights(weights[kind if kind in weights else "other"])
    return grammar.reweigh(dict(percent))


@lru_cache(maxsize=8)
def model(models: str) -> Model:
    """Return what a set of models learnt of phrases; raises ModelError."""
    table = tables.load(models, "phrases")
    labels, arrays = table.header["labels"], table.arrays
    return Model(
        {
            shape: dict(zip(labels, row, strict=True))
            for shape, row in zip(SHAPES, arrays["shapes"].tolist(), strict=True)
        },
        dict(zip(SHAPES, map(tuple, arrays["first"].tolist()), strict=True)),
        tuple(map(tuple, arrays["last"].tolist())),
        int(arrays["same"][0]),
        tuple(arrays["silent"].tolist()),
        Takes(arrays["outcomes"].tolist(), tuple(arrays["apart"].tolist())),
    )
