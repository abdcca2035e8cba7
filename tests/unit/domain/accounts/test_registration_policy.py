import pytest

from domain.accounts.errors import RegistrationNotAllowed
from domain.accounts.registration_policy import RegistrationPolicy


def test_the_default_policy_lets_everybody_in() -> None:
    RegistrationPolicy().check("ann@example.com")


def test_a_closed_registration_lets_nobody_in() -> None:
    with pytest.raises(RegistrationNotAllowed, match=r"^Registration is closed\.$"):
        RegistrationPolicy(is_open=False, allowed_domains=frozenset({"example.com"})).check(
            "ann@example.com"
        )


@pytest.mark.parametrize("email", ["ann@sub.example.com", "ann@notexample.com", "ann@example.com.evil.org"])
def test_only_the_very_domain_is_allowed(email: str) -> None:
    policy = RegistrationPolicy(allowed_domains=frozenset({"example.com"}))
    policy.check("ann@example.com")
    with pytest.raises(
        RegistrationNotAllowed, match=r"^E-mail addresses of this domain may not register\.$"
    ):
        policy.check(email)


@pytest.mark.parametrize("email", ["ann@spam.test", "ann@mx.spam.test", "bob@example.com"])
def test_a_blocked_domain_is_blocked_with_its_subdomains_and_an_address_alone(email: str) -> None:
    policy = RegistrationPolicy(blocked=frozenset({"spam.test", "bob@example.com"}))
    policy.check("ann@example.com")
    policy.check("ann@notspam.test")
    with pytest.raises(RegistrationNotAllowed, match=r"^This e-mail address may not register\.$"):
        policy.check(email)


def test_a_block_outweighs_an_allowed_domain() -> None:
    policy = RegistrationPolicy(
        allowed_domains=frozenset({"example.com"}), blocked=frozenset({"bob@example.com"})
    )
    with pytest.raises(RegistrationNotAllowed):
        policy.check("bob@example.com")
