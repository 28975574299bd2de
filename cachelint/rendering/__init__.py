"""What the output formats share: the terminal's abilities, excerpts of source, wording."""
