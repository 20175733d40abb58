"""Addresses of the exports' pages."""

from django.urls import path

from willowbark.interop.export import web

app_name = "interop_export"
urlpatterns = [
    path("exports", web.exports, name="exports"),
    path("exports/practice", web.ask_practice, name="ask_practice"),
    path("exports/<uuid:export_id>/download", web.download, name="download"),
    path("patients/<uuid:patient_id>/export", web.of_patient, name="of_patient"),
    path("patients/<uuid:patient_id>/export/ask", web.ask_patient, name="ask_patient"),
]
