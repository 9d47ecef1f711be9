"""The web server's entry point."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from haven.analytics.ready import compile_ahead

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haven.config.settings")
application = get_wsgi_application()

# Everything that pages need is loaded before the first of them, the compiled loops too. What is loaded stays, so the collector need not look through it
# again and again in the middle of a page: that took a tenth of a second each time.
import_module(settings.ROOT_URLCONF)
compile_ahead()
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 50)
