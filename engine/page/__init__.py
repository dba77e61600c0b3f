"""One HTML file of a song: to look at, to hear and to play with, on any machine and without a network."""
