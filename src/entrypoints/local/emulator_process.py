"""``python -m entrypoints.local.emulator_process``: MiniStack, corrected where it lets a sign-in pass.

Its settings are MiniStack's own environment variables.
"""

from contextvars import ContextVar
from typing import Any

import ministack.app
from ministack.services import cognito

from entrypoints.local.challenge_sessions import ChallengeSessions

_signed_in_at: ContextVar[int | None] = ContextVar("signed_in_at", default=None)


def keep_the_time_of_sign_in() -> None:
    """Have tokens from a refresh say when their user signed in (``auth_time``), as Cognito's do.

    MiniStack puts the time of the refresh there. Its refresh tokens are signed and know their own time.
    """
    refresh, sign = cognito._refresh_auth_result, cognito._signed_jwt

    def refresh_as_signed_in(pool: Any, pool_id: Any, client_id: Any, refresh_token: Any) -> Any:
        claims = cognito._token_claims(refresh_token) or {}
        before = _signed_in_at.set(claims.get("iat"))
        try:
            return refresh(pool, pool_id, client_id, refresh_token)
        finally:
            _signed_in_at.reset(before)

    def sign_as_signed_in(claims: dict[str, Any], *arguments: Any) -> str:
        at = _signed_in_at.get()
        changed = {**claims, "auth_time": at} if at is not None and "auth_time" in claims else claims
        token: str = sign(changed, *arguments)
        return token

    cognito._refresh_auth_result = refresh_as_signed_in
    cognito._signed_jwt = sign_as_signed_in


def main() -> None:
    """Serve until SIGTERM."""
    keep_the_time_of_sign_in()
    ministack.app.app = ChallengeSessions(ministack.app.app)
    ministack.app.main()


if __name__ == "__main__":
    main()
