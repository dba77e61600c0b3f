"""Candidates for a hook: lines drawn exactly, all novel, and ranked by what makes a hook."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from engine.models import tables
from engine.models.hook import Ranking, Score
from engine.parts.melody.lines import onsets_of
from engine.parts.melody.register import register
from engine.parts.melody.singer import Singer
from engine.plan.plan import Plan
from engine.song import Phrase, Section

GROUP = 8  # lines over one rhythm: what costs time is to learn what may be sung over it
RHYTHMS = 2  # of which every group takes the best


class Candidate(NamedTuple):
    """A line that might be the hook: its number, from 1, its score, its slots and MIDI numbers."""

    number: int
    score: Score
    onsets: tuple[int, ...]
    pitches: tuple[int, ...]


def candidates(plan: Plan, section: Section, singer: Singer, phrase: Phrase, last: bool, count: int) -> list[Candidate]:
    """Return the first ``count`` candidates for a phrase, the best first.

    singer: as it is before the phrase. last: whether the section's singing ends with it. A candidate of a
    number is the same however many are drawn.
    """
    stream = plan.shared(section, "melody", "hook")
    ranking, slots = _ranking(plan.style.models), plan.meter.slots
    centre = register(plan, section).centre
    rhythms = singer.rhythms(phrase)
    found = []
    for first in range(0, count, GROUP):
        drawn = rhythms.draw_many([stream.at("rhythm", first, k) for k in range(RHYTHMS)])
        onsets = max((onsets_of(phrase, inner) for inner in drawn), key=lambda line: ranking.rhythm(line, slots))
        numbers = range(first + 1, min(first + GROUP, count) + 1)
        tunes = singer.tunes(phrase, onsets, last)
        for number, tune in zip(numbers, tunes.draw_many([stream.at("tune", n) for n in numbers]), strict=True):
            pitches = (singer.events[tune] + singer.bottom).tolist()
            score = ranking.score(onsets, pitches, slots, plan.key.tonic, centre)
            found.append(Candidate(number, score, tuple(onsets), tuple(pitches)))
    return sorted(found, key=lambda line: (-line.score.total, line.number))


@lru_cache(maxsize=16)
def _ranking(models: str) -> Ranking:
    return Ranking(tables.load(models, "hook"))
