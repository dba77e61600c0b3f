"""Parts on their own: a melody for chords, chords for a melody, a band for a tune, a variation of a part."""
