"""Published ablations as one file each: plan, run the missing cells, measured beside published, verdicts."""
