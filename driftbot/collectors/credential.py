"""Credentials of sources: the same references to secrets that forges take."""

from driftbot.credential import Credential, CredentialMissing, LocalPath

__all__ = ["Credential", "CredentialMissing", "LocalPath"]
