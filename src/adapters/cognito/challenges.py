"""The session of a sign-in challenge, as the client keeps it between two requests."""

import base64
from dataclasses import dataclass

from domain.accounts.errors import ChallengeFailed


@dataclass(frozen=True, slots=True)
class ChallengeSession:
    """What answering a challenge needs: the user, and Cognito's own session string.

    The answer must contain the pool's user name, which only the challenge reveals
    (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminInitiateAuth.html,
    USER_ID_FOR_SRP). The content is neither secret nor signed, because nothing relies on it: both names are
    only sent to Cognito together with its session. If they do not belong together, Cognito responds with
    NotAuthorizedException, "Invalid session for the user".
    """

    email: str
    username: str
    cognito_session: str

    def sealed(self) -> str:
        """Encode this as one opaque, URL-safe string."""
        content = "\n".join((self.email, self.username, self.cognito_session))
        return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")

    @classmethod
    def opened(cls, session: str, email: str) -> "ChallengeSession":
        """Decode such a string. Raises ChallengeFailed if it is malformed or belongs to another user."""
        padding = "=" * (-len(session) % 4)
        try:
            lines = base64.b64decode(session + padding, altchars=b"-_", validate=True).decode().split("\n")
        except ValueError:
            lines = []
        match lines:
            case [of_email, username, cognito_session] if of_email == email:
                return cls(email, username, cognito_session)
            case _:
                raise ChallengeFailed("The session is not valid; sign in again.")
