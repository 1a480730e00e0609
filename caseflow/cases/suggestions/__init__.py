"""Which department and category a text speaks of, learnt from the municipality's own closed cases (see the ADR)."""
