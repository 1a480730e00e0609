"""What the clock watches over: who is away, what breaks its promise, what wakes, the morning's mail."""
