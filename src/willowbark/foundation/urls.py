"""Addresses of the foundation's own pages."""

from django.urls import path

from willowbark.foundation import pages

app_name = "foundation"
urlpatterns = [
    path("health/alive", pages.alive, name="alive"),
    path("health/ready", pages.ready, name="ready"),
    path("metrics", pages.figures, name="metrics"),
    path("design", pages.components, name="components"),
    path("why/<path:reference>", pages.why, name="why"),
    path("live", pages.live_events, name="live"),
    path("effort", pages.report_effort, name="effort"),
]
