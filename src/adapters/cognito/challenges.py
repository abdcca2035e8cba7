"""The session of a sign-in challenge, as a client holds it between two requests."""

import base64
from dataclasses import dataclass

from domain.accounts.errors import ChallengeFailed


@dataclass(frozen=True, slots=True)
class ChallengeSession:
    """What answering a challenge needs: whose it is, and Cognito's own session string.

    The answer must name the pool's user name, which only the challenge tells
    (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminInitiateAuth.html,
    USER_ID_FOR_SRP). Nothing here needs to be secret or signed, because nothing is believed: both names
    only ever reach Cognito beside its session, and it answers NotAuthorizedException, "Invalid session for
    the user", where they do not belong together.
    """

    email: str
    username: str
    cognito_session: str

    def sealed(self) -> str:
        """One opaque, URL-safe string."""
        content = "\n".join((self.email, self.username, self.cognito_session))
        return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")

    @classmethod
    def opened(cls, session: str, email: str) -> "ChallengeSession":
        """The session in such a string. Raises ChallengeFailed if it isn't one, or not of this user."""
        padding = "=" * (-len(session) % 4)
        try:
            parts = base64.b64decode(session + padding, altchars=b"-_", validate=True).decode().split("\n")
        except ValueError:
            parts = []
        match parts:
            case [of_email, username, cognito_session] if of_email == email:
                return cls(email, username, cognito_session)
            case _:
                raise ChallengeFailed("The session is not valid; sign in again.")
