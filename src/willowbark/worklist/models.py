"""Tables and constraints: the one queue of tasks that every business files into."""
