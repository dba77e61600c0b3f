"""Songs composed in a style, heard and counted."""

from __future__ import annotations

from engine.learn.compare import composed_facts


def test_songs_shared_out_to_processes_are_counted_as_by_one():
    alone, shared = composed_facts("punk", 3), composed_facts("punk", 3, jobs=2)
    assert alone.songs == 3
    assert {name: table.tolist() for name, table in alone.tables.items()} == {
        name: table.tolist() for name, table in shared.tables.items()
    }
