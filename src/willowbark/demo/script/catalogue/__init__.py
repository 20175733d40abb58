"""What a practice like this measures, prescribes, recommends and finds. Values only."""
