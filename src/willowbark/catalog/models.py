"""Tables and constraints: what can be dispensed: products and what is in them."""
