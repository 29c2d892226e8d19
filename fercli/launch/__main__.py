"""What a SLURM job of several cells runs: `python -m fercli.launch <commands>`."""

import sys

from fercli.launch.series import main

if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
