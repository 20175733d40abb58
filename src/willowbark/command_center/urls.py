"""Addresses of command center."""

from django.urls import URLPattern

app_name = "command_center"
urlpatterns: list[URLPattern] = []
