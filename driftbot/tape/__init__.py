"""Where raw answers come from: the world (live), the world while recording, or a recorded bundle."""
