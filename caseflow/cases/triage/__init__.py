"""The staff queue: what it is asked for, what it finds, its rows, saved views, and acts on many cases at once."""
