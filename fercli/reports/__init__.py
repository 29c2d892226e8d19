"""What people look at: tables in every format, pictures, HTML pages, and the published numbers beside our own."""
