"""When something is beyond its threshold, and what becomes of an alert then: values in, values out."""
