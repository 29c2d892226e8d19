"""Run folders: where numbers are kept, and where they come from."""
