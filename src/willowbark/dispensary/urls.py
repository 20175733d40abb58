"""Addresses of dispensary."""

from django.urls import URLPattern

app_name = "dispensary"
urlpatterns: list[URLPattern] = []
