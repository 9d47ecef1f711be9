"""The web server's entry point."""

import gc
import os
import sys
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from haven.analytics.ready import compile_ahead

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haven.project.settings")
application = get_wsgi_application()

# Load everything that pages need before the first request, including the compiled loops. Loaded objects stay in memory,
# so the garbage collector need not scan them: a scan in the middle of a page took a tenth of a second.
import_module(settings.ROOT_URLCONF)
compile_ahead()
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 50)

# A page waits for the database about twenty times, and must then get the interpreter's lock back from a computing
# thread. With Python's default of five milliseconds, twenty-five short waits took 218 ms beside one computing page and
# 680 ms beside two; with this value 50 and 102 ms.
sys.setswitchinterval(0.0005)
