"""What the user points at, made into files of one record per line that the engine can scan."""
