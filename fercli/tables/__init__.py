"""Tables: columns and blocks of values, printed in every format."""
