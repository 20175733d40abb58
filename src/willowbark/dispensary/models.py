"""Tables and constraints: handing out what was signed."""
