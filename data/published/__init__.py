"""Published numbers, installed as the package `fercli.published`."""
