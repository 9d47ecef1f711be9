#!/usr/bin/env python
"""The same as the `haven` command, for those who look for manage.py."""

import sys

from haven.operations.cli import main

if __name__ == "__main__":
    sys.exit(main())
