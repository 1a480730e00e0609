"""SMS: how long a text is, whose account it goes by, and the providers that take it."""
