"""The pages of the matrix: what answers to GET and is looked at by a person."""

from __future__ import annotations

from .calls import CALLS

NO_PAGES = {
    "foundation:alive": "for machines",
    "foundation:ready": "for machines",
    "foundation:metrics": "for machines",
    "foundation:live": "a stream of events",
    "catalog:price_list_file": "the file as it came",
    "interop_export:download": "a file",
    "interop_fhir:original": "the file as it came",
    "patients:access_log_csv": "a file",
    "patients:still_open": "asked by an open page, answered with nothing",
    "patients:search": "what the search box offers",
    "planner:growth": "a part of the planner",
    "planner:paper": "a PDF",
    "practice:new_passkey_asked": "asked by the browser for a passkey",
    "practice:passkey": "the same",
    "practice:passkey_asked": "the same",
    "practice:second_step": "between the password and the code; nobody is led there otherwise",
    "protocols:content": "a file",
    "protocols:paper": "a PDF",
    "protocols:find": "what the composer's search box offers",
    "protocols:alternatives": "a part of the composer",
    "protocols:compare": "a part of the composer",
    "protocols:what_if": "a part of the composer",
    "protocols:targets": "a part of the composer",
    "assistant:words": "a part of the composer, where the practice has a language model",
    "assistant:words_form": "the same",
}
PAGES = [call for call in CALLS if call.method == "GET" and not call.is_api and call.name not in NO_PAGES]
