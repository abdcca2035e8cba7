"""Composes the use cases of the ``users`` function and hands them to its routes."""

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from domain.accounts.audit_trail import AuditTrail
from domain.accounts.use_cases.mfa import DisableTotp, StartTotpEnrolment, VerifyTotp
from domain.accounts.use_cases.passwords import ChangePassword, RequestPasswordReset, ResetPassword
from domain.accounts.use_cases.profile import DeleteAccount, GetProfile, UpdateProfile
from domain.accounts.use_cases.registration import ConfirmUser, RegisterUser, ResendConfirmationCode
from domain.accounts.use_cases.sign_in import (
    AnswerChallenge,
    Authenticate,
    RefreshTokens,
    RevokeRefreshToken,
    SignOutEverywhere,
)
from domain.images.use_cases.account_deletion import CloseAccount
from entrypoints.composition.account_adapters import AccountAdapters
from entrypoints.http.mfa_routes import MfaUseCases, add_mfa_routes
from entrypoints.http.password_routes import PasswordUseCases, add_password_routes
from entrypoints.http.profile_routes import ProfileUseCases, add_profile_routes
from entrypoints.http.resolver import RouteSet
from entrypoints.http.session_routes import SessionUseCases, add_session_routes
from entrypoints.http.user_routes import RegistrationUseCases, add_user_routes


def account_routes(adapters: AccountAdapters) -> RouteSet:
    """Compose all operations on accounts and sign-ins. The result registers their routes."""
    directory = adapters.identity_provider()
    audit = AuditTrail(adapters.audit_log(), adapters.clock())
    totp_issuer = adapters.settings().totp_issuer
    registration = RegistrationUseCases(
        register_user=RegisterUser(directory),
        confirm_user=ConfirmUser(directory),
        resend_confirmation_code=ResendConfirmationCode(directory),
    )
    sessions = SessionUseCases(
        authenticate=Authenticate(directory, audit, totp_issuer),
        answer_challenge=AnswerChallenge(directory, audit, totp_issuer),
        refresh_tokens=RefreshTokens(directory),
        revoke_refresh_token=RevokeRefreshToken(directory),
        sign_out_everywhere=SignOutEverywhere(directory),
    )
    passwords = PasswordUseCases(
        request_password_reset=RequestPasswordReset(directory, audit),
        reset_password=ResetPassword(directory, audit),
        change_password=ChangePassword(directory, audit),
    )
    profile = ProfileUseCases(
        get_profile=GetProfile(directory),
        update_profile=UpdateProfile(directory),
        delete_account=DeleteAccount(
            directory, CloseAccount(adapters.image_records(), adapters.clock()), audit
        ),
    )
    mfa = MfaUseCases(
        start_totp_enrolment=StartTotpEnrolment(directory, adapters.clock(), totp_issuer),
        verify_totp=VerifyTotp(directory, audit),
        disable_totp=DisableTotp(directory, audit),
    )

    def add_routes(app: APIGatewayHttpResolver) -> None:
        add_user_routes(app, registration)
        add_session_routes(app, sessions)
        add_password_routes(app, passwords)
        add_profile_routes(app, profile)
        add_mfa_routes(app, mfa)

    return add_routes
