"""Addresses of the record's pages."""

from django.urls import path

from willowbark.record import web

app_name = "record"
_PATIENT = "patients/<uuid:patient_id>"
urlpatterns = [
    path(f"{_PATIENT}", web.timeline, name="chart"),
    path(f"{_PATIENT}/timeline", web.timeline, name="timeline"),
    path(f"{_PATIENT}/problems", web.problems, name="problems"),
    path(f"{_PATIENT}/medications", web.medications, name="medications"),
    path(f"{_PATIENT}/labs", web.labs, name="labs"),
    path(f"{_PATIENT}/labs/<path:code>", web.lab_trend, name="lab_trend"),
    path(f"{_PATIENT}/notes", web.notes, name="notes"),
    path(f"{_PATIENT}/notes/add", web.write_note, name="add_note"),
    path(f"{_PATIENT}/void", web.void, name="void"),
]
