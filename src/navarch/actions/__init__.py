"""What the commands do, one readable function each; the command line only turns words into their arguments."""
