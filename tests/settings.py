"""Haven's settings with the tests' database: created by the owner of the tables, used as the application."""

from haven.operations import database
from haven.project.settings import *  # noqa: F403  (the product's settings, but for what follows)

DATABASES = {"default": database.master().django(database.OWNER)}
DATABASES["default"]["CONN_MAX_AGE"] = 0
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AXES_ENABLED = False
FIXED_NOW = ""
CLOCK_OFFSET = 0.0
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
HAVEN_CHECK_LOCK_ORDER = True
