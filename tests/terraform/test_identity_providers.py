"""Identity providers of the user pool, as an emulator returns them with what Cognito adds to them."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from scripts.terraform import ProviderUnavailable, Terraform, stage

from entrypoints.local.emulator import CREDENTIALS, REGION, Emulator
from tests.support.availability import unavailable

ROOT = """
variable "identity_providers" { type = any }
variable "identity_provider_secrets" { type = map(string) }

provider "aws" {}

module "auth" {
  source = "./modules/auth"

  name                      = "accounts"
  deletion_protection       = false
  domain                    = { name = "accounts" }
  callback_urls             = ["https://app.example.com/signed-in"]
  identity_providers        = var.identity_providers
  identity_provider_secrets = var.identity_provider_secrets
  triggers = {
    pre_sign_up          = false
    post_authentication  = false
    pre_token_generation = false
  }
  trigger_function = { name = "triggers", alias = "live", alias_arn = "arn:aws:lambda:::none" }
}

output "user_pool_id" { value = module.auth.user_pool_id }
"""

PROVIDERS: dict[str, dict[str, Any]] = {
    "Google": {"type": "Google", "client_id": "google"},
    "Facebook": {"type": "Facebook", "client_id": "facebook"},
    "LoginWithAmazon": {"type": "LoginWithAmazon", "client_id": "amazon"},
    "SignInWithApple": {"type": "SignInWithApple", "client_id": "apple", "team_id": "T", "key_id": "K"},
    "Corporate": {"type": "OIDC", "client_id": "oidc", "issuer_url": "https://login.example.com"},
    "Partner": {"type": "SAML", "metadata_url": "https://idp.example.com/metadata"},
}
SECRETS = {name: f"secret of {name}" for name in PROVIDERS if name != "Partner"}

# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_IdentityProviderType.html
ADDED_BY_COGNITO: dict[str, dict[str, str]] = {
    "Google": {
        "attributes_url": "https://people.googleapis.com/v1/people/me?personFields=",
        "attributes_url_add_attributes": "true",
        "authorize_url": "https://accounts.google.com/o/oauth2/v2/auth",
        "oidc_issuer": "https://accounts.google.com",
        "token_request_method": "POST",
        "token_url": "https://www.googleapis.com/oauth2/v4/token",
    },
    "Facebook": {
        "api_version": "v17.0",
        "attributes_url": "https://graph.facebook.com/v17.0/me?fields=",
        "attributes_url_add_attributes": "true",
        "authorize_url": "https://www.facebook.com/v17.0/dialog/oauth",
        "token_request_method": "GET",
        "token_url": "https://graph.facebook.com/v17.0/oauth/access_token",
    },
    "LoginWithAmazon": {
        "attributes_url": "https://api.amazon.com/user/profile",
        "attributes_url_add_attributes": "false",
        "authorize_url": "https://www.amazon.com/ap/oa",
        "token_request_method": "POST",
        "token_url": "https://api.amazon.com/auth/o2/token",
    },
    "SignInWithApple": {
        "attributes_url_add_attributes": "false",
        "authorize_url": "https://appleid.apple.com/auth/authorize",
        "oidc_issuer": "https://appleid.apple.com",
        "token_request_method": "POST",
        "token_url": "https://appleid.apple.com/auth/token",
    },
    "Corporate": {
        "attributes_url": "https://login.example.com/userInfo",
        "attributes_url_add_attributes": "false",
        "authorize_url": "https://login.example.com/authorize",
        "jwks_uri": "https://login.example.com/.well-known/jwks.json",
        "token_url": "https://login.example.com/token",
    },
    "Partner": {
        "ActiveEncryptionCertificate": "MIIC",
        "IDPInit": "false",
        "SLORedirectBindingURI": "https://idp.example.com/slo",
        "SSORedirectBindingURI": "https://idp.example.com/sso",
    },
}
NEVER_TOLD = {"private_key"}


class Accounts:
    """A user pool in the emulator, made by the module for accounts."""

    def __init__(self, terraform: Terraform, emulator: Emulator) -> None:
        self._terraform = terraform
        self._cognito = emulator.client("cognito-idp")
        self.configure(PROVIDERS, SECRETS)

    def configure(self, providers: dict[str, dict[str, Any]], secrets: dict[str, str]) -> None:
        """Set the configuration of the next plan."""
        variables = {"identity_providers": providers, "identity_provider_secrets": secrets}
        file = self._terraform.directory / "providers.auto.tfvars.json"
        file.write_text(json.dumps(variables))

    def apply(self) -> None:
        """Apply, and let the pool describe its providers as Cognito does."""
        self._terraform.text("apply", "-input=false", "-auto-approve")
        pool = self._terraform.outputs()["user_pool_id"]
        for name, added in ADDED_BY_COGNITO.items():
            provider = self._cognito.describe_identity_provider(UserPoolId=pool, ProviderName=name)
            details = provider["IdentityProvider"]["ProviderDetails"]
            told = {key: value for key, value in details.items() if key not in NEVER_TOLD}
            self._cognito.update_identity_provider(
                UserPoolId=pool, ProviderName=name, ProviderDetails=added | told
            )

    def planned(self) -> dict[str, list[str]]:
        """Return what a plan would do with each provider."""
        self._terraform.text("plan", "-input=false", "-out=plan")
        return {
            change["index"]: change["change"]["actions"]
            for change in self._terraform.json("show", "-json", "plan")["resource_changes"]
            if change["type"] == "aws_cognito_identity_provider"
            and change["change"]["actions"] != ["no-op"]
        }


@pytest.fixture(scope="module")
def accounts(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Accounts]:
    folder = tmp_path_factory.mktemp("accounts")
    environment = {**CREDENTIALS, "AWS_ENDPOINT_URL": emulator.endpoint_url, "AWS_REGION": REGION}
    terraform = stage(folder, environment)
    for file in terraform.directory.glob("*.tf"):
        file.unlink()
    (terraform.directory / "main.tf").write_text(ROOT)
    (terraform.directory / "emulator_override.tf").write_text(
        'provider "aws" {\n  skip_credentials_validation = true\n  skip_metadata_api_check = true\n}\n'
    )
    try:
        terraform.init()
    except ProviderUnavailable as error:
        unavailable(str(error))
    made = Accounts(terraform, emulator)
    made.apply()
    yield made
    terraform.text("destroy", "-input=false", "-auto-approve")


@pytest.fixture(autouse=True)
def _as_it_was(accounts: Accounts) -> None:
    accounts.configure(PROVIDERS, SECRETS)


def test_additions_by_cognito_are_not_a_difference(accounts: Accounts) -> None:
    assert accounts.planned() == {}


def test_changes_are_applied(accounts: Accounts) -> None:
    changes: dict[str, dict[str, Any]] = {
        "Google": {"client_id": "another"},
        "Facebook": {"scopes": "email"},
        "Corporate": {"client_id": "another"},
        "Partner": {"identifiers": ["example.com"]},
    }
    accounts.configure(PROVIDERS | {name: PROVIDERS[name] | changes[name] for name in changes}, SECRETS)
    assert accounts.planned() == {name: ["update"] for name in changes}


def test_new_secrets_are_applied_and_a_new_key_of_apple_makes_another_provider(accounts: Accounts) -> None:
    accounts.configure(PROVIDERS, dict.fromkeys(SECRETS, "new"))
    assert accounts.planned() == {
        name: ["delete", "create"] if name == "SignInWithApple" else ["update"] for name in SECRETS
    }


def test_other_endpoints_make_another_provider(accounts: Accounts) -> None:
    changes = {
        "Corporate": {"issuer_url": "https://sso.example.com"},
        "Partner": {"metadata_url": "https://sso.example.com/metadata"},
    }
    accounts.configure(PROVIDERS | {name: PROVIDERS[name] | changes[name] for name in changes}, SECRETS)
    assert accounts.planned() == {name: ["delete", "create"] for name in changes}
