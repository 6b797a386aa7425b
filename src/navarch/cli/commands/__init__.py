"""One module a command, imported when it is called: its flags, its help (ABOUT), and `run`."""
