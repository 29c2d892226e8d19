"""Pages of HTML: of a run, of a study, and the index of all studies."""
