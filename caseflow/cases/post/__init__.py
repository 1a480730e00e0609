"""Answers by letter: paper, batches, their way to whoever prints them, and what the post brings back."""
