"""Faults that residents may know of and follow."""
