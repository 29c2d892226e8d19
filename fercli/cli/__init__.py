"""One file for each subcommand: parse, call one function, print."""
