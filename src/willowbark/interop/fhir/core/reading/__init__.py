"""From files to single resources: bounded, streamed, and with a clear message for what cannot be read."""
