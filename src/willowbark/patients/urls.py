"""Addresses of the patients' pages."""

from django.urls import path

from willowbark.patients import web

app_name = "patients"
urlpatterns = [
    path("patients", web.patient_list, name="list"),
    path("patients/search", web.search_options, name="search"),
    path("patients/new", web.new_patient, name="new"),
]
