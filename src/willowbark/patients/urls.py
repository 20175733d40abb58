"""Addresses of the patients' pages."""

from django.urls import path

from willowbark.patients.web import access_log, break_glass, listing, matches, new, number, team

app_name = "patients"
_TEAM = "patients/<uuid:patient_id>/team"
_MATCH = "matches/<uuid:patient_id>/<uuid:candidate_id>"
_GLASS = "patients/<uuid:patient_id>/break-glass/<uuid:glass_id>"
_CONSENTS = "patients/<uuid:patient_id>/consents"
urlpatterns = [
    path("patients", listing.patient_list, name="list"),
    path("patients/search", listing.search_options, name="search"),
    path("patients/new", new.new_patient, name="new"),
    path("matches", matches.matches, name="matches"),
    path(_MATCH, matches.match, name="match"),
    path(f"{_MATCH}/decide", matches.decide, name="decide_match"),
    path(f"{_MATCH}/undo", matches.undo, name="undo_match"),
    path("break-glass", break_glass.overview, name="break_glass"),
    path("break-glass/look-up", break_glass.look_up, name="look_up"),
    path("break-glass/hours", break_glass.hours, name="break_glass_hours"),
    path("break-glass/<uuid:glass_id>/still", break_glass.still_open, name="still_open"),
    path("patients/<uuid:patient_id>/break-glass", break_glass.ask, name="ask_access"),
    path(_GLASS, break_glass.one, name="one_break_glass"),
    path(f"{_GLASS}/done", break_glass.done, name="done_with_glass"),
    path(f"{_GLASS}/close", break_glass.close, name="close_glass"),
    path(f"{_GLASS}/review", break_glass.review, name="review_glass"),
    path("access-log", access_log.access_log, name="access_log"),
    path("access-log/download", access_log.download, name="access_log_csv"),
    path("patients/<uuid:patient_id>/access", access_log.patient_access, name="access"),
    path("patients/<uuid:patient_id>/numbers/<uuid:number_id>", number.number, name="number"),
    path(_TEAM, team.team, name="team"),
    path(f"{_TEAM}/add", team.add_carer, name="add_carer"),
    path(f"{_TEAM}/primary", team.put_first, name="put_first"),
    path(f"{_TEAM}/end", team.end, name="end_care"),
    path(f"{_TEAM}/resume", team.resume, name="resume"),
    path(f"{_CONSENTS}/give", team.give, name="give_consent"),
    path(f"{_CONSENTS}/withdraw", team.withdraw, name="withdraw_consent"),
]
