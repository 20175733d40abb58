"""What a brief says and what it leaves out: values in, values out."""
