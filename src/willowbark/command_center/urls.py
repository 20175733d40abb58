"""Addresses of the command center."""

from django.urls import path

from willowbark.command_center import web

app_name = "command_center"
urlpatterns = [
    path("command-center", web.home, name="home"),
    path("command-center/alerts/<uuid:site_id>/<uuid:alert_id>", web.alert, name="alert"),
]
