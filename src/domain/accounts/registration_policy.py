"""Who may create an account."""

from dataclasses import dataclass

from domain.accounts.errors import RegistrationNotAllowed


@dataclass(frozen=True, slots=True)
class RegistrationPolicy:
    """The rules for new accounts; by default, everybody may register.

    If ``allowed_domains`` is not empty, only addresses of exactly these mail domains may register.
    ``blocked`` contains addresses, and domains that are blocked with all their subdomains; it takes
    precedence. All are in lower case.
    """

    is_open: bool = True
    allowed_domains: frozenset[str] = frozenset()
    blocked: frozenset[str] = frozenset()

    def check(self, email: str) -> None:
        """Return if this normalised address may register. Raises RegistrationNotAllowed.

        The error never reveals which addresses or domains are blocked.
        """
        if not self.is_open:
            raise RegistrationNotAllowed("Registration is closed.")
        domain = email.rpartition("@")[2]
        if self._is_blocked(email, domain):
            raise RegistrationNotAllowed("This e-mail address may not register.")
        if self.allowed_domains and domain not in self.allowed_domains:
            raise RegistrationNotAllowed("E-mail addresses of this domain may not register.")

    def _is_blocked(self, email: str, domain: str) -> bool:
        labels = domain.split(".")
        domains = {".".join(labels[start:]) for start in range(len(labels))}
        return not self.blocked.isdisjoint(domains | {email})
