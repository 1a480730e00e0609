"""Answers by telephone: when the municipality calls, whose turn it is, and what follows a call."""
