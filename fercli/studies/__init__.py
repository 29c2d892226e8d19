"""Published ablations, one file each: plan the cells, run the missing ones, compare with the print, reach verdicts."""
