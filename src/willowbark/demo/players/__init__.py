"""
Play the script on a database.

Two ways that leave equal rows: `by_services` as staff would, `by_bulk` as an import would. The tests say
what differs: who the database saw writing, the access log, and the outbox.
"""
