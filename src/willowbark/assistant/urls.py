"""Addresses of the assistant."""

from django.urls import path

from willowbark.assistant.web import brief, words

app_name = "assistant"
_WORDS = "patients/<uuid:patient_id>/protocol/words"
urlpatterns = [
    path("patients/<uuid:patient_id>/brief", brief.brief, name="brief"),
    path(_WORDS, words.words_form, name="words_form"),
    path(f"{_WORDS}/preview", words.words_preview, name="words_preview"),
    path(f"{_WORDS}/ask", words.words_ask, name="words_ask"),
    path(f"{_WORDS}/<uuid:asking_id>", words.words, name="words"),
    path(f"{_WORDS}/<uuid:asking_id>/cancel", words.words_cancel, name="words_cancel"),
    path(f"{_WORDS}/<uuid:asking_id>/take", words.words_take, name="words_take"),
]
