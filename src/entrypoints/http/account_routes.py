"""All operations of the ``users`` function on accounts and sign-ins."""

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from entrypoints.composition.container import Container
from entrypoints.http.mfa_routes import add_mfa_routes
from entrypoints.http.password_routes import add_password_routes
from entrypoints.http.profile_routes import add_profile_routes
from entrypoints.http.session_routes import add_session_routes
from entrypoints.http.user_routes import add_user_routes


def add_account_routes(app: APIGatewayHttpResolver, container: Container) -> None:
    """Register them, each group from its own module."""
    for add_routes in (
        add_user_routes,
        add_session_routes,
        add_password_routes,
        add_profile_routes,
        add_mfa_routes,
    ):
        add_routes(app, container)
