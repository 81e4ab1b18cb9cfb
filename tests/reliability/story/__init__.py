"""A whole deployment on invented time: stories, the state machine, interleavings and amnesia stand on it."""
