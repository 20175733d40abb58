"""Addresses of the import's pages."""

from django.urls import path

from willowbark.interop.fhir import web

app_name = "interop_fhir"
urlpatterns = [
    path("imports", web.imports, name="imports"),
    path("imports/<uuid:run_id>", web.import_report, name="report"),
    path("imports/upload", web.upload, name="upload"),
    path("imports/quarantined/<uuid:quarantined_id>", web.original, name="original"),
    path("imports/quarantined/<uuid:quarantined_id>/replay", web.replay, name="replay"),
    path("imports/quarantined/<uuid:quarantined_id>/dismiss", web.dismiss_one, name="dismiss"),
    path("imports/quarantined/<uuid:quarantined_id>/take-back", web.take_back, name="take_back"),
    path("imports/quarantined/<uuid:quarantined_id>/mend", web.mend_one, name="mend"),
]
