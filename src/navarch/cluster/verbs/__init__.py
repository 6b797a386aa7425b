"""What can be done to objects, a verb a module."""
