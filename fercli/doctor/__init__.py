"""What `fercli doctor` looks at: the installed software, the machine, and the cluster."""
