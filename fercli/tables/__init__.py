"""Tables: values with columns and blocks, printed in every format."""
