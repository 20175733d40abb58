"""Pages of patients: find one, register one, say who cares for them and what they agreed to."""
