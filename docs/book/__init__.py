"""What `make docs` adds to the pages under docs/: options, commands, published numbers, figures, mathematics."""
