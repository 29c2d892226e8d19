"""The engine: builds, trains and evaluates one run."""
