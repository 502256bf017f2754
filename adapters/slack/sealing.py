"""Tokens as they lie in the database: encrypted where a key is set."""

from typing import Final

import structlog

from adapters.errors import PlatformDown

log = structlog.get_logger(__name__)

MARK: Final = "fernet:"
"""How an encrypted token begins; others lie there as they are."""


class Seal:
    """Encrypts with the first key and reads with all; without any, leaves tokens as they are."""

    def __init__(self, *keys: str) -> None:
        self._keys = keys

    def closed(self, token: str) -> str:
        """A token as it is stored. No token is none here either."""
        if not self._keys or not token:
            return token
        from cryptography.fernet import Fernet

        return MARK + Fernet(self._keys[0]).encrypt(token.encode()).decode()

    def opened(self, stored: str) -> str:
        """The token.

        Raises:
            PlatformDown: it was encrypted with a key that is not set; with it, it can be used.
        """
        for at in range(len(self._keys) if stored.startswith(MARK) else 0):
            if (token := self._by(at, stored)) is not None:
                return token
        if stored.startswith(MARK):
            log.error("token_locked", advice="set TOKEN_KEY as it was, or install the app again")
            raise PlatformDown("token_locked")
        return stored

    def anew(self, stored: str) -> str:
        """A stored token as it would be stored now; itself where nobody can read it."""
        if not stored.startswith(MARK):
            return self.closed(stored)
        found = [self._by(at, stored) for at in range(len(self._keys))]
        token = next((one for one in found if one is not None), None)
        return stored if token is None or found[0] is not None else self.closed(token)

    def _by(self, at: int, stored: str) -> str | None:
        """The token by one of the keys, if it is that one's."""
        from cryptography.fernet import Fernet, InvalidToken

        try:
            return Fernet(self._keys[at]).decrypt(stored.removeprefix(MARK)).decode()
        except InvalidToken:
            return None
