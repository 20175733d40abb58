"""Tables and constraints: lots on the shelf and every move of them."""
