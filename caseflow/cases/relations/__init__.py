"""Cases that belong together: merged, split, parts of a greater one, related, or alike."""
