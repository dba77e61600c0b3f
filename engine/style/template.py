"""A new style to begin with: short, and every line says what it does."""

from __future__ import annotations

import shlex

SCHEMA_FILE = "hookline-style.schema.json"

_TEMPLATE = """\
# yaml-language-server: $schema={schema}
# {name}: a style for Hookline. Whatever is not said here is as in {parent}; take away what you do not need.
# Listen:  hookline compose --style {file} --seed 1 -o song.mid      Check:  hookline styles check {file}
extends: {parent}
about: {parent}, but slower and sadder # one line on what it sounds like

tempo: [70, 84, 104] # beats a minute: lowest, commonest, highest
length: ["2:30", "4:00"] # minutes and seconds: shortest, longest
modes: {{minor: 3, dorian: 1}} # weights: twice as large is twice as often

# Who plays, and in what range. Instruments have their General MIDI names.
parts:
  melody: {{instrument: Lead 6 (voice), range: [A2, A4]}}
  rhythm: {{instrument: Electric Guitar (clean)}}

# How busy it is, from 1 (bare) to 5 (everything), by kind of section.
energy: {{verse: 2, chorus: 4}}

# Straight or swung: 50 is straight, 67 a triplet.
feel: {{swing: 50}}

# What players like; each rule, its default and its range: hookline styles show {file} --resolved
rules:
  drums.fill: 60 # percent of section ends with a fill
  guitar.arpeggio: 300 # percent: broken chords, against what energy suggests
  harmony.colour: 100 # percent: sevenths, ninths and suspensions, against the corpus

# Lengths of sections in bars, by weight (take away the # to use them).
# bars: {{verse: {{16: 3, 8: 1}}, chorus: {{8: 1}}}}

# Chords of your own: a verse of one loop, four times or so. The notation is told in docs/grammar-format.md.
# grammars:
#   rules:
#     harmony: |
#       Verse:4 -> i:1 bVI:1 bIII:1 bVII:1 [3] | i:1 iv:1 bVI:1 V:1
#       Verse:8,16,32 -> let A = Verse:n/2 in A A
#       Verse:1..3,5..7,9..15,17..31,33..64 -> Round
"""


def template(name: str, parent: str) -> str:
    """Return the YAML of a new style that builds on another."""
    return _TEMPLATE.format(name=name, file=shlex.quote(f"{name}.yaml"), parent=parent, schema=SCHEMA_FILE)
