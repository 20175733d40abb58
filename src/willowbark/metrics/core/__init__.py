"""What figures are and how they are made of facts: values in, values out."""
