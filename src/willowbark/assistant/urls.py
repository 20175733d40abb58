"""Addresses of the assistant."""

from django.urls import path

from willowbark.assistant import web

app_name = "assistant"
urlpatterns = [
    path("patients/<uuid:patient_id>/brief", web.brief, name="brief"),
]
