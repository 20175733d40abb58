"""A reproducible practice of invented people, made by calling services as its people would."""
