"""How many people a practice needs, when to hire, what growth does, and what it earns."""
