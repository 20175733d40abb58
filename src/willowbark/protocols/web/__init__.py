"""Pages of protocols: the library, the composer, what was signed."""
