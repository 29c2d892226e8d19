"""From a configuration to a finished run: build, train, evaluate."""
