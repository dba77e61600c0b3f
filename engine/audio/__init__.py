"""Sound: a song or a MIDI file as a mixed and mastered recording, from a SoundFont and numpy alone."""
