"""Reports: values to text, one module a format."""
