"""The version: part of every song's receipt."""

__version__ = "0.1.0"
