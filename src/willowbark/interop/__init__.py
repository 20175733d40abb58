"""Other people's formats: wire to services and back. No rules of its own."""
