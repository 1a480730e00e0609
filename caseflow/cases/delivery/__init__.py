"""What became of messages, in words, and the list of those that somebody must look at."""
