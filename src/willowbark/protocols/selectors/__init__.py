"""Read protocols, as an actor."""
