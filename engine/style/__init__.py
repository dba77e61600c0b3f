"""Styles: everything about a genre that is not code."""

from engine.style.load import load, names
from engine.style.model import Style

__all__ = ["Style", "load", "names"]
