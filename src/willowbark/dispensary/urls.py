"""Addresses of the dispensary."""

from django.urls import path

from willowbark.dispensary import web
from willowbark.dispensary.web import recalls

app_name = "dispensary"
_DISPENSED = "patients/<uuid:patient_id>/dispensed"
_ONE = f"{_DISPENSED}/<uuid:dispensing_id>"
_CONTACT = "patients/<uuid:patient_id>/recalls/<uuid:recall_id>"
urlpatterns = [
    path("dispensary", web.to_dispense, name="queue"),
    path("patients/<uuid:patient_id>/dispense/<uuid:protocol_id>", web.dispense_protocol, name="dispense"),
    path(_DISPENSED, web.history, name="history"),
    path(_ONE, web.handed_out, name="handed_out"),
    path(f"{_ONE}/take-back", web.take, name="take_back"),
    path("recalls", recalls.recalls, name="recalls"),
    path("recalls/new", recalls.new_recall, name="new_recall"),
    path("recalls/<uuid:recall_id>", recalls.recall, name="recall"),
    path("recalls/<uuid:recall_id>/lift", recalls.lift, name="lift_recall"),
    path(_CONTACT, recalls.contact, name="contact"),
    path(f"{_CONTACT}/undo", recalls.undo, name="undo_contact"),
]
