"""Values as people read them: dates, ages, numbers, words. Pure: values in, text out."""
