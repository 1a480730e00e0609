"""The case's page: its parts, its forms, what is begun there, and the cases that staff enter themselves."""
