"""What the store looks like from outside: each module makes the routes of one face."""
