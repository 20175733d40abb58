"""The web application."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from willowbark.foundation.processes import follow_supervisor, settle

# A server's process must not outlive, and keep the port of, a server that was killed.
follow_supervisor()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "willowbark.config.settings")
application = get_wsgi_application()


def read_ahead() -> None:
    """Read what a process keeps for good before somebody waits for it: addresses, knowledge, solver."""
    from willowbark.knowledge.selectors import release
    from willowbark.protocols.core.solving import load_solver
    from willowbark.protocols.selectors.library import shipped

    _ = get_resolver().url_patterns
    release()
    shipped()
    load_solver()


read_ahead()
settle()
