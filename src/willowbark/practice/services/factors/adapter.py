"""What allauth asks of us."""

from __future__ import annotations

from allauth.mfa.adapter import DefaultMFAAdapter

from willowbark.practice.selectors import organisation
from willowbark.practice.services.factors import secrets


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # no types
    """Keeps secrets sealed, and names the practice in the app and on the key."""

    def encrypt(self, text: str) -> str:
        """What is kept of a secret."""
        return secrets.sealed(text)

    def decrypt(self, encrypted_text: str) -> str:
        """A secret that was kept."""
        return secrets.unsealed(encrypted_text)

    def get_totp_issuer(self) -> str:
        """Under what an authenticator app lists the account."""
        return self._get_site_name()

    def _get_site_name(self) -> str:
        practice = organisation()
        return practice.name if practice else "Willowbark"
