"""Tamper evidence: the access log and row history in sealed blocks, their heads kept outside the database."""
