"""Why a song is as it is: every note by the draw that made it, its derivation, how near it comes to a known melody."""
