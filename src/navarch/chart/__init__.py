"""Charts: loading them from folders, archives and memory, what they consist of, and whether they may be used."""
