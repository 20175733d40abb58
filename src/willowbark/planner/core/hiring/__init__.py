"""What the hire signal is made of."""
