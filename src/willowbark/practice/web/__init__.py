"""Pages of the practice: the door, the day, who works here and where, and one's own account."""
