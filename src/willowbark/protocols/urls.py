"""Addresses of protocols."""

from django.urls import path

from willowbark.protocols.web import composer, library, library_drafts, overrides, signing

app_name = "protocols"
_MASTER = "protocols/library/<slug:key>"
_COMPOSER = "patients/<uuid:patient_id>/protocol/compose"
_COMPOSITION = "patients/<uuid:patient_id>/protocol/compositions/<uuid:composition_id>"
_PROTOCOLS = "patients/<uuid:patient_id>/protocols"
urlpatterns = [
    path("protocols", library.library, name="library"),
    path("protocols/overrides", overrides.overrides, name="overrides"),
    path("protocols/new", library_drafts.new, name="new_master"),
    path(_MASTER, library.master, name="master"),
    path(f"{_MASTER}/versions/<int:number>", library.version, name="master_version"),
    path(f"{_MASTER}/versions/<int:number>/approve", library.approve, name="approve_master"),
    path(f"{_MASTER}/compare", library.compare, name="compare_versions"),
    path(f"{_MASTER}/patients", library.patients, name="patients_on"),
    path(f"{_MASTER}/ask", library.ask, name="ask_for_reviews"),
    path(f"{_MASTER}/adopt", library.adopt, name="adopt_master"),
    path(f"{_MASTER}/reviewed", library.reviewed, name="master_reviewed"),
    path(f"{_MASTER}/retire", library.retire, name="retire_master"),
    path(f"{_MASTER}/restore", library.restore, name="restore_master"),
    path(f"{_MASTER}/draft/start", library_drafts.start, name="start_draft"),
    path(f"{_MASTER}/draft", library_drafts.draft, name="master_draft"),
    path(f"{_MASTER}/draft/head", library_drafts.head, name="master_head"),
    path(f"{_MASTER}/draft/lines/<slug:section>", library_drafts.line, name="master_line"),
    path(f"{_MASTER}/draft/lines/<slug:section>/write", library_drafts.write_line, name="write_line"),
    path(f"{_MASTER}/draft/lines/<slug:section>/move", library_drafts.move, name="move_line"),
    path(f"{_MASTER}/draft/submit", library_drafts.submit, name="submit_draft"),
    path(f"{_MASTER}/draft/discard", library_drafts.discard, name="discard_draft"),
    path(_COMPOSER, composer.composer, name="composer"),
    path(f"{_COMPOSER}/begin", composer.begin, name="begin"),
    path(f"{_COMPOSER}/prove", composer.prove, name="prove"),
    path(f"{_COMPOSER}/choose", composer.choose, name="choose"),
    path(f"{_COMPOSER}/decide", composer.decide, name="decide"),
    path(f"{_COMPOSER}/adjust", composer.adjust, name="adjust"),
    path(f"{_COMPOSER}/targets", composer.targets, name="targets"),
    path(f"{_COMPOSER}/target", composer.target, name="target"),
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
    path(f"{_PROTOCOLS}/<uuid:protocol_id>/migrate", library.migrate_patient, name="migrate"),
]
