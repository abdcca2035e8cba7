"""Reads the e-mails that the emulated user pool would have sent."""

import json
import urllib.request
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Email:
    """One e-mail."""

    recipient: str
    text: str


class Mailbox:
    """Returns each e-mail once."""

    def __init__(self, endpoint_url: str) -> None:
        self._url = f"{endpoint_url}/_ministack/ses/messages"
        self._seen: set[str] = set()

    def new_emails(self) -> list[Email]:
        """Return the e-mails since the last call, oldest first."""
        with urllib.request.urlopen(self._url, timeout=5) as response:  # noqa: S310  # our own URL
            accounts = json.load(response)["messages"]
        messages = [message for account in accounts.values() for message in account]
        fresh = [message for message in messages if message["MessageId"] not in self._seen]
        self._seen.update(message["MessageId"] for message in fresh)
        return [
            Email(message["To"][0], message["BodyText"])
            for message in sorted(fresh, key=lambda message: float(message["Timestamp"]))
        ]
