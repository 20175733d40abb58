"""What the templates of protocols are given: values, with addresses."""
