"""What a stack costs, as a table, Markdown, CSV with FOCUS columns, JSON and HTML. Pure: an estimate in, text out."""
