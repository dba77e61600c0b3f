"""Weighted grammars of time with shared subtrees: load one, derive from it, read the tree."""

from engine.grammar.derive import derive
from engine.grammar.load import check_file, load_grammar, parse_grammar
from engine.grammar.model import BAR, Grammar
from engine.grammar.tree import Node

__all__ = ["BAR", "Grammar", "Node", "check_file", "derive", "load_grammar", "parse_grammar"]
