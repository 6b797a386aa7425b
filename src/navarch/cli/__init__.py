"""The command line: words in, one action run, its result out as text."""
