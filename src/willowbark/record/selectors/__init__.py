"""Read the record as an actor: one module a part of the chart."""
