import sys

from haven.operations.cli import main

sys.exit(main())
