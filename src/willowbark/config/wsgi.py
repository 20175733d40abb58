"""The web application."""

import os

from django.core.wsgi import get_wsgi_application

from willowbark.foundation.processes import follow_supervisor

# A server's process must not outlive, and keep the port of, a server that was killed.
follow_supervisor()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "willowbark.config.settings")
application = get_wsgi_application()
