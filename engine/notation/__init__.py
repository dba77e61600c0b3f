"""Notation: a song as written music - score, lead sheet, tablature, ABC - and engraved on pages.

What is written is exact: the same bars are read by every format, and read back they give the same notes.
"""
