"""Addresses of the work list."""

from django.urls import path

from willowbark.worklist import web

app_name = "tasks"
_OF_PATIENT = "patients/<uuid:patient_id>/tasks"
_TASK = f"{_OF_PATIENT}/<uuid:task_id>"
urlpatterns = [
    path("tasks", web.task_list, name="list"),
    path(_OF_PATIENT, web.of_patient, name="of_patient"),
    path(f"{_OF_PATIENT}/file", web.file, name="file"),
    path(_TASK, web.task, name="task"),
    path(f"{_TASK}/finish", web.finish, name="finish"),
    path(f"{_TASK}/dismiss", web.dismiss, name="dismiss"),
    path(f"{_TASK}/reopen", web.reopen, name="reopen"),
    path(f"{_TASK}/hand-over", web.give, name="hand_over"),
]
