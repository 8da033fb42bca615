"""`python -m dagproof` is the command line."""

import sys

from dagproof.cli import main

sys.exit(main())
