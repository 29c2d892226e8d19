"""The Hydra configuration, installed as the package `fercli.conf` so that it is found from any folder."""
