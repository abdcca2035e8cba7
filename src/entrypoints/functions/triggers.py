"""The user pool's Lambda triggers: pre sign-up, post authentication and pre token generation.

Cognito calls one function for all three, waits at most five seconds and expects the event back with its
``response`` filled in. An exception refuses the operation, and the user sees its text.
https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from entrypoints.composition.triggers import TriggerSettings, TriggerUseCases, trigger_use_cases
from entrypoints.functions.initialisation import initialise
from entrypoints.measurements import Measurement, Name
from entrypoints.measurements.plain_metrics import PlainMetrics

Event = dict[str, Any]
"""A user pool's trigger event, parsed from JSON."""

SIGNED_IN = "signed-in"
"""The outcome of sign-ins that the user pool reports: it does not report others."""
_BY_ADMINISTRATOR = "PreSignUp_AdminCreateUser"


class Triggers:
    """Responds to trigger events with the use cases."""

    def __init__(self, use_cases: TriggerUseCases) -> None:
        self._use_cases = use_cases

    def answer(self, event: Event) -> Event:
        """Return the event with its response. Raises RegistrationNotAllowed to refuse a sign-up.

        Events of other trigger sources are returned unchanged.
        """
        occasion = event["triggerSource"].partition("_")[0]
        handlers: Mapping[str, Callable[[Event], None]] = {
            "PreSignUp": self._before_sign_up,
            "PostAuthentication": self._after_sign_in,
            "TokenGeneration": self._before_tokens,
        }
        if occasion in handlers:
            handlers[occasion](event)
        return event

    def _before_sign_up(self, event: Event) -> None:
        """Apply the policy to self-registration and federated sign-ins, but not to administrators."""
        if event["triggerSource"] != _BY_ADMINISTRATOR:
            self._use_cases.admit_registration(event["request"]["userAttributes"].get("email", ""))

    def _after_sign_in(self, event: Event) -> None:
        record_sign_in = self._use_cases.record_sign_in
        if record_sign_in is not None:
            record_sign_in(
                event["request"]["userAttributes"]["sub"],
                event["callerContext"]["clientId"],
                event["triggerSource"],
            )

    def _before_tokens(self, event: Event) -> None:
        """Add the claims. Version 1 of the event supports only the ID token, later versions both tokens."""
        claims = self._use_cases.add_permission_claims(
            event["request"]["groupConfiguration"].get("groupsToOverride") or ()
        )
        added = {"claimsToAddOrOverride": claims}
        if event["version"] == "1":
            event["response"] = {"claimsOverrideDetails": added}
        else:
            event["response"] = {
                "claimsAndScopeOverrideDetails": {
                    "idTokenGeneration": added,
                    "accessTokenGeneration": added,
                }
            }


def handler(event: Event, _context: object) -> Event:
    """Handle one event of the user pool."""
    answer = _triggers().answer(event)
    if event["triggerSource"].startswith("PostAuthentication_"):
        PlainMetrics().add([Measurement(Name.SIGN_INS, dimensions={"outcome": SIGNED_IN})])
    return answer


@cache
def _triggers() -> Triggers:
    return Triggers(trigger_use_cases(TriggerSettings.from_environment()))


initialise(_triggers)
