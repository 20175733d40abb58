"""Addresses of protocols."""

from django.urls import path

from willowbark.protocols.web import composer, library, signing

app_name = "protocols"
_COMPOSER = "patients/<uuid:patient_id>/protocol/compose"
_COMPOSITION = "patients/<uuid:patient_id>/protocol/compositions/<uuid:composition_id>"
_PROTOCOLS = "patients/<uuid:patient_id>/protocols"
urlpatterns = [
    path("protocols", library.library, name="library"),
    path("protocols/library/<slug:key>", library.master, name="master"),
    path(_COMPOSER, composer.composer, name="composer"),
    path(f"{_COMPOSER}/begin", composer.begin, name="begin"),
    path(f"{_COMPOSER}/prove", composer.prove, name="prove"),
    path(f"{_COMPOSER}/choose", composer.choose, name="choose"),
    path(f"{_COMPOSER}/decide", composer.decide, name="decide"),
    path(f"{_COMPOSER}/adjust", composer.adjust, name="adjust"),
    path(f"{_COMPOSER}/set-aside", composer.set_aside, name="set_aside"),
    path(f"{_COMPOSER}/find", composer.find, name="find"),
    path(_COMPOSITION, signing.review, name="review"),
    path(f"{_COMPOSITION}/preview", signing.preview, name="preview"),
    path(f"{_COMPOSITION}/compare", signing.compare, name="compare"),
    path(f"{_COMPOSITION}/what-if", composer.what_if, name="what_if"),
    path(f"{_COMPOSITION}/alternatives", composer.alternatives, name="alternatives"),
    path(f"{_COMPOSITION}/sign", signing.sign_composition, name="sign"),
    path(_PROTOCOLS, signing.history, name="history"),
    path(f"{_PROTOCOLS}/<uuid:protocol_id>", signing.protocol, name="protocol"),
    path(f"{_PROTOCOLS}/<uuid:protocol_id>/paper", signing.paper, name="paper"),
    path(f"{_PROTOCOLS}/<uuid:protocol_id>/content", signing.content, name="content"),
    path(f"{_PROTOCOLS}/<uuid:protocol_id>/end", signing.end, name="end"),
]
