"""What can be done to the record: one module a verb."""
