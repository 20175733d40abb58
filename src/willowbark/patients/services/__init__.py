"""What can be done about patients: one module a subject."""
