"""What the planner's templates are given."""
