"""Addresses of the dispensary."""

from django.urls import path

from willowbark.dispensary import web

app_name = "dispensary"
_DISPENSED = "patients/<uuid:patient_id>/dispensed"
_ONE = f"{_DISPENSED}/<uuid:dispensing_id>"
urlpatterns = [
    path("dispensary", web.to_dispense, name="queue"),
    path("patients/<uuid:patient_id>/dispense/<uuid:protocol_id>", web.dispense_protocol, name="dispense"),
    path(_DISPENSED, web.history, name="history"),
    path(_ONE, web.handed_out, name="handed_out"),
    path(f"{_ONE}/take-back", web.take, name="take_back"),
]
