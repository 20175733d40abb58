"""Django's settings, made from the typed ones."""

from __future__ import annotations

from willowbark.config.typed import Settings
from willowbark.foundation import database
from willowbark.foundation.secret_key import secret_key

WILLOWBARK = Settings()

SECRET_KEY = WILLOWBARK.secret_key or secret_key()
DEBUG = False
ALLOWED_HOSTS = WILLOWBARK.allowed_hosts
ROOT_URLCONF = "willowbark.config.urls"
WSGI_APPLICATION = "willowbark.config.wsgi.application"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "django_cotton.apps.SimpleAppConfig",
    "procrastinate.contrib.django",
    "willowbark.foundation",
    "willowbark.practice",
    "willowbark.patients",
    "willowbark.worklist",
    "willowbark.knowledge",
    "willowbark.catalog",
    "willowbark.record",
    "willowbark.inventory",
    "willowbark.protocols",
    "willowbark.dispensary",
    "willowbark.metrics",
    "willowbark.planner",
    "willowbark.command_center",
    "willowbark.assistant",
    "willowbark.interop.fhir",
    "willowbark.interop.export",
]

MIDDLEWARE = [
    "willowbark.foundation.logging.RequestLog",
    "willowbark.foundation.errors.JsonErrors",
    "willowbark.foundation.security.SecurityHeaders",
    "willowbark.foundation.body_limits.BodyLimits",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "willowbark.practice.sign_in.ActorOfRequest",
    "django_htmx.middleware.HtmxMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "willowbark.practice.shell.shell",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
                "willowbark.foundation.templatetags.willow",
            ],
        },
    }
]

DATABASES = {"default": database.django_settings()}
# Threads share a few connections; a stream that only waits holds none.
DATABASES["default"]["OPTIONS"]["pool"] = {
    "min_size": 1,
    "max_size": WILLOWBARK.db_pool_size,
    "timeout": 20,
}
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
WILLOWBARK_APP_ROLE = database.current("app").user
ATOMIC_REQUESTS = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "foundation.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "practice:sign_in"
# Nobody signs in through Django's own backends: `practice.sign_in` is the one door.
AUTHENTICATION_BACKENDS: list[str] = []
# Of allauth: what proves a second factor. Its own pages and sign-up are not routed.
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
MFA_ADAPTER = "willowbark.practice.services.factors.adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_WEBAUTHN_USER_VERIFICATION = "required"

EMAIL_HOST, EMAIL_PORT = WILLOWBARK.mail_host, WILLOWBARK.mail_port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = WILLOWBARK.mail_user, WILLOWBARK.mail_password
EMAIL_USE_TLS, EMAIL_USE_SSL = WILLOWBARK.mail_tls == "starttls", WILLOWBARK.mail_tls == "tls"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = WILLOWBARK.mail_from

SESSION_ENGINE = "willowbark.foundation.sessions"
SESSION_COOKIE_AGE = WILLOWBARK.session_hours * 3600
SESSION_COOKIE_NAME = "willowbark_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = WILLOWBARK.https
CSRF_COOKIE_SECURE = WILLOWBARK.https
CSRF_COOKIE_NAME = "willowbark_csrf"
CSRF_FAILURE_VIEW = "willowbark.foundation.errors.csrf_failure"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if WILLOWBARK.https else None

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
COTTON_ISOLATE_BY_DEFAULT = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# Where more than that, and files, may be handed in by who is signed in.
WILLOWBARK_UPLOAD_PATHS = frozenset({"/imports/upload", "/products/price-lists/upload"})

LOGGING_CONFIG = "willowbark.foundation.logging.configure"
LOGGING = {"format": WILLOWBARK.log_format, "level": WILLOWBARK.log_level}

# An address is unique whatever its case: by a constraint that this check does not know.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
