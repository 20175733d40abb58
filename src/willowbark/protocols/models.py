"""Tables and constraints: master Protocols, composition, signing."""
