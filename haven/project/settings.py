"""Settings: one file, read from the environment. docs/reference/settings.md describes each `HAVEN_...` (a test
compares)."""

from pathlib import Path

import environ
from csp.constants import NONCE, NONE, SELF

from haven.operations import database
from haven.platform.clock_file import read_offset

env = environ.Env()

HAVEN = Path(__file__).resolve().parent.parent
DATA = database.data_folder()

DEBUG = env.bool("HAVEN_DEBUG", default=False)
SECRET_KEY = database.secret_key()
ALLOWED_HOSTS = env.list("HAVEN_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("HAVEN_ORIGINS", default=[])
# With HTTPS (HAVEN_HTTPS=1) cookies are secure, and browsers use only HTTPS from then on.
HTTPS = env.bool("HAVEN_HTTPS", default=False)
# Seconds without a key or click after which a page asks whether the user is still there. The server ends the session
# two minutes later. Typed text is kept.
IDLE_SECONDS = env.int("HAVEN_IDLE_SECONDS", default=900)
# The largest file that an import accepts, in MiB.
LARGEST_IMPORT_MIB = env.int("HAVEN_LARGEST_IMPORT_MIB", default=1000)
# E-mail: "none" (messages wait in the outbox and the page says so) or "smtp". Texts: "none".
EMAIL_CARRIER = env.str("HAVEN_EMAIL_CARRIER", default="none")
TEXT_CARRIER = env.str("HAVEN_TEXT_CARRIER", default="none")
# The moment that pages use as now (ISO, local time), for the demonstration and for looking back; empty means the clock.
FIXED_NOW = env.str("HAVEN_NOW", default="")
# The demonstration's clock: seconds between its morning and the real time, written by `haven run`.
CLOCK_OFFSET = read_offset(DATA)
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "axes",
    "csp",
    "django_htmx",
    "procrastinate.contrib.django",
    # Haven, lowest layer first
    "haven.platform.definitions",
    "haven.platform.ui",
    "haven.platform.audit",
    "haven.core.schools",
    "haven.platform.accounts",
    "haven.core.people",
    "haven.core.records",
    "haven.core.tasks",
    "haven.core.correspondence",
    "haven.attendance.registers",
    "haven.attendance.calendar",
    "haven.attendance.planned_absence",
    "haven.attendance.follow_up",
    "haven.attendance.reports",
    "haven.attendance",
    "haven.safeguarding",
    "haven.workforce",
    "haven.exchange.imports",
    "haven.exchange.exports",
    "haven.site",
    "haven.demonstration",
    "haven.operations",
    # listed after our apps so that our templates override theirs
    "allauth",
    "allauth.account",
    "allauth.mfa",
    # last, so that policies are built when every table exists
    "haven.platform.row_security",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "haven.site.idle_middleware.IdleMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "haven.platform.accounts.middleware.AccessContextMiddleware",
    "haven.core.schools.middleware.CalendarCacheMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "haven.project.urls"
WSGI_APPLICATION = "haven.project.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Each report is a folder of attendance/reports with its query, page and template
        # ("reports/school/school.html").
        "DIRS": [HAVEN / "attendance"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "haven.site.context.page",
            ],
        },
    }
]
# The panels of a pupil's page, in order: functions (haven.core.people.panel.PupilPage) -> Panel or None.
HAVEN_TASK_SOURCES = ["haven.core.tasks.sources.TaskSource", "haven.attendance.task_sources.AttendanceTaskSource"]
HAVEN_PUPIL_PANELS = [
    "haven.attendance.registers.panels.year",
    "haven.core.records.panels.what_happened",
    "haven.core.people.panels.statuses",
    "haven.core.people.panels.family",
    "haven.core.people.panels.good_to_know",
]
# Called after an entry was recorded on its page: functions (by, at, entry, definition), see
# core/records/entry_hooks.py.
HAVEN_ENTRY_HOOKS = ["haven.core.tasks.follow_up.plan_follow_up"]
# How the pupils of a school may be grouped, in order: tuples of haven.attendance.reports.groupings.Grouping.
HAVEN_GROUPINGS = ["haven.attendance.reports.groupings.OWN"]
# Kinds of definition file: pydantic models that inherit haven.platform.definitions.Definition.
HAVEN_DEFINITION_KINDS = [
    "haven.core.records.form_definitions.FormDefinition",
    "haven.core.correspondence.templates_of_messages.MessageTemplate",
    "haven.exchange.imports.layouts.ImportLayout",
    "haven.core.people.statuses.StatusKind",
]
# The parts of definition files that code uses: tuples of haven.platform.definitions.DefinitionUse, checked at start-up.
HAVEN_DEFINITION_USES = [
    "haven.attendance.registers.definition_keys.USES",
    "haven.core.records.definition_keys.USES",
    "haven.attendance.follow_up.definition_keys.USES",
    "haven.core.people.definition_keys.USES",
    "haven.safeguarding.definition_keys.USES",
]
FORM_RENDERER = "haven.platform.ui.forms.HavenRenderer"

DATABASES = database.django_databases()
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
AUTH_USER_MODEL = "accounts.User"

# ---- signing in ----------------------------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "haven.platform.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "haven.platform.accounts.forms.SignInForm",
    "reauthenticate": "haven.platform.accounts.forms.ConfirmForm",
    "change_password": "haven.platform.accounts.forms.NewPasswordForm",
}
MFA_ADAPTER = "haven.platform.accounts.adapter.SecondStepAdapter"
MFA_FORMS = {
    "authenticate": "haven.platform.accounts.forms.CodeForm",
    "reauthenticate": "haven.platform.accounts.forms.CodeAgainForm",
    "activate_totp": "haven.platform.accounts.forms.AppForm",
    "add_webauthn": "haven.platform.accounts.forms.KeyForm",
    "edit_webauthn": "haven.platform.accounts.forms.KeyNameForm",
}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
# A whole school signs in from one address within minutes. Wrong passwords are counted by axes, for each account and client (see
# AccountAdapter.pre_authenticate), so "login_failed" is for codes of the second step alone: for each account, whatever the client.
ACCOUNT_RATE_LIMITS = {"login": "600/m/ip", "login_failed": "5/300s/key"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
MFA_TOTP_ISSUER = "Haven"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "haven.platform.accounts.clients.typed_address"
AXES_CLIENT_IP_CALLABLE = "haven.platform.accounts.clients.client_address"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # a try during the lock does not make it longer
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "accounts/locked_out.html"

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "haven_session"
SESSION_COOKIE_AGE = 10 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
HAVEN_BEHIND_PROXY = env.bool("HAVEN_BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HAVEN_BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: [] for name in ("camera", "microphone", "geolocation", "payment", "usb", "display-capture", "browsing-topics")
}

# ---- the rest ------------------------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = False
USE_TZ = True
STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

EMAIL_HOST = env.str("HAVEN_SMTP_HOST", default="localhost")
EMAIL_PORT = env.int("HAVEN_SMTP_PORT", default=25)
EMAIL_HOST_USER = env.str("HAVEN_SMTP_USER", default="")
EMAIL_HOST_PASSWORD = env.str("HAVEN_SMTP_PASSWORD", default="")
EMAIL_USE_TLS = env.bool("HAVEN_SMTP_TLS", default=False)
DEFAULT_FROM_EMAIL = env.str("HAVEN_FROM_EMAIL", default="haven@localhost")

# Log lines contain the place and type of an event and no content: no SQL, no parameters, no form data.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"no_content": {"()": "haven.operations.logs.NoContent"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["no_content"]}},
    "root": {"handlers": ["console"], "level": env.str("HAVEN_LOG_LEVEL", default="WARNING")},
    "loggers": {
        "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
    },
}
