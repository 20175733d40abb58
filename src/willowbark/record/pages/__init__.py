"""What the chart's templates are given: values from the selectors, with addresses."""
