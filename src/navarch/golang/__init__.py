"""What must be Go's to the letter: YAML, JSON, TOML, formatting, time, regular expressions, versions, globs."""
