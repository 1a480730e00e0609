"""The rows of the administrators' forms, by what is written in them."""
