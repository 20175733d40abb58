"""Read what a brief is made from, as an actor."""
