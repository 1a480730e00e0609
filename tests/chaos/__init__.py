"""`make chaos`: queued replies while workers are killed and the broker forgets. What it shows: docs/reliability.md."""
