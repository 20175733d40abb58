"""Tables and constraints: the figures of the practice, as they move."""
