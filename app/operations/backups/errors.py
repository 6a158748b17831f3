"""What stops a backup or the way back."""

from __future__ import annotations


class BackupRefused(Exception):
    """Says in words for whoever runs the installation what is missing; nothing was changed."""
