"""Addresses of the patients' pages."""

from django.urls import path

from willowbark.patients.web import access_log, listing, matches, new, team

app_name = "patients"
_TEAM = "patients/<uuid:patient_id>/team"
_MATCH = "matches/<uuid:patient_id>/<uuid:candidate_id>"
_CONSENTS = "patients/<uuid:patient_id>/consents"
urlpatterns = [
    path("patients", listing.patient_list, name="list"),
    path("patients/search", listing.search_options, name="search"),
    path("patients/new", new.new_patient, name="new"),
    path("matches", matches.matches, name="matches"),
    path(_MATCH, matches.match, name="match"),
    path(f"{_MATCH}/decide", matches.decide, name="decide_match"),
    path(f"{_MATCH}/undo", matches.undo, name="undo_match"),
    path("access-log", access_log.access_log, name="access_log"),
    path("access-log/download", access_log.download, name="access_log_csv"),
    path("patients/<uuid:patient_id>/access", access_log.patient_access, name="access"),
    path(_TEAM, team.team, name="team"),
    path(f"{_TEAM}/add", team.add_carer, name="add_carer"),
    path(f"{_TEAM}/primary", team.put_first, name="put_first"),
    path(f"{_TEAM}/end", team.end, name="end_care"),
    path(f"{_TEAM}/resume", team.resume, name="resume"),
    path(f"{_CONSENTS}/give", team.give, name="give_consent"),
    path(f"{_CONSENTS}/withdraw", team.withdraw, name="withdraw_consent"),
]
