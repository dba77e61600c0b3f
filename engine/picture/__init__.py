"""Pictures of songs: piano roll, self-similarity and form as SVG, written by hand; PNG through resvg."""
