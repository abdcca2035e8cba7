# Who may sign in, how, and for how long.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name            = "images-upload-test"
  token_lifetimes = { id_minutes = 45 }
  groups          = { editors = { description = "May upload." } }
  triggers        = { pre_sign_up = true, post_authentication = false, pre_token_generation = true }
  trigger_function = {
    name      = "triggers"
    alias     = "live"
    alias_arn = "arn:aws:lambda:eu-west-1:123456789012:function:triggers:live"
  }
}

run "clients" {
  module {
    source = "./modules/auth"
  }

  assert {
    condition     = aws_cognito_user_pool_client.server.explicit_auth_flows == toset(["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"])
    error_message = "The API's client offers no flow that works without IAM."
  }

  assert {
    condition     = aws_cognito_user_pool_client.public.explicit_auth_flows == toset(["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"])
    error_message = "The public client never sends a password."
  }

  assert {
    condition = alltrue([
      for client in [aws_cognito_user_pool_client.server, aws_cognito_user_pool_client.public] :
      client.prevent_user_existence_errors == "ENABLED" && client.enable_token_revocation && !client.generate_secret &&
      client.access_token_validity == 60 && client.id_token_validity == 45 && client.refresh_token_validity == 30 &&
      client.token_validity_units[0].access_token == "minutes" && client.token_validity_units[0].refresh_token == "days"
    ])
    error_message = "Unknown users are not revealed, and tokens can be revoked and have the configured lifetimes."
  }

  assert {
    condition = alltrue([
      for client in [aws_cognito_user_pool_client.server, aws_cognito_user_pool_client.public] :
      client.write_attributes == toset(["email", "family_name", "given_name"])
    ])
    error_message = "Users set their address and their names, and no other attribute."
  }

  assert {
    condition     = length(aws_cognito_risk_configuration.this) == 0
    error_message = "There is nothing to respond to without threat protection."
  }

  assert {
    condition     = !aws_cognito_user_pool_client.public.allowed_oauth_flows_user_pool_client && length(aws_cognito_user_pool_domain.this) == 0
    error_message = "No hosted sign-in unless a domain is named."
  }
}

run "pool" {
  module {
    source = "./modules/auth"
  }

  assert {
    condition = (
      aws_cognito_user_pool.this.deletion_protection == "ACTIVE" &&
      !aws_cognito_user_pool.this.username_configuration[0].case_sensitive &&
      aws_cognito_user_pool.this.username_attributes == toset(["email"]) &&
      aws_cognito_user_pool.this.auto_verified_attributes == toset(["email"])
    )
    error_message = "People sign in with a verified e-mail address, in any case."
  }

  assert {
    condition     = aws_cognito_user_pool.this.password_policy[0].minimum_length == 12
    error_message = "Passwords are long."
  }

  assert {
    condition = (
      aws_cognito_user_pool.this.lambda_config[0].pre_sign_up == var.trigger_function.alias_arn &&
      aws_cognito_user_pool.this.lambda_config[0].post_authentication == null &&
      aws_cognito_user_pool.this.lambda_config[0].pre_token_generation_config[0].lambda_version == "V2_0"
    )
    error_message = "The chosen triggers call the function, and no others."
  }

  assert {
    condition     = aws_lambda_permission.triggers[0].source_arn == aws_cognito_user_pool.this.arn && aws_lambda_permission.triggers[0].qualifier == "live"
    error_message = "Only this pool may call the triggers."
  }

  assert {
    condition     = toset(keys(aws_cognito_user_group.this)) == toset(["editors"])
    error_message = "The groups exist."
  }
}

run "closed_with_rotation" {
  module {
    source = "./modules/auth"
  }

  variables {
    registration_open     = false
    rotate_refresh_tokens = true
  }

  assert {
    condition     = aws_cognito_user_pool.this.admin_create_user_config[0].allow_admin_create_user_only
    error_message = "Nobody registers themselves."
  }

  assert {
    condition = (
      !contains(aws_cognito_user_pool_client.server.explicit_auth_flows, "ALLOW_REFRESH_TOKEN_AUTH") &&
      aws_cognito_user_pool_client.server.refresh_token_rotation[0].feature == "ENABLED"
    )
    error_message = "With rotation Cognito refuses the old flow."
  }
}

run "threat_protection" {
  module {
    source = "./modules/auth"
  }

  variables {
    tier              = "PLUS"
    threat_protection = "ENFORCED"
    threat_response   = { low_risk = "MFA_IF_CONFIGURED", trusted_addresses = ["192.0.2.0/24"] }
    email = {
      ses_identity_arn = "arn:aws:ses:eu-west-1:123456789012:identity/example.com"
      from             = "no-reply@example.com"
    }
  }

  assert {
    condition     = aws_cognito_user_pool.this.user_pool_add_ons[0].advanced_security_mode == "ENFORCED"
    error_message = "Threat protection is on."
  }

  assert {
    condition = (
      aws_cognito_risk_configuration.this[0].compromised_credentials_risk_configuration[0].actions[0].event_action == "BLOCK" &&
      aws_cognito_risk_configuration.this[0].account_takeover_risk_configuration[0].actions[0].low_action[0].event_action == "MFA_IF_CONFIGURED" &&
      aws_cognito_risk_configuration.this[0].account_takeover_risk_configuration[0].actions[0].medium_action[0].event_action == "MFA_IF_CONFIGURED" &&
      aws_cognito_risk_configuration.this[0].account_takeover_risk_configuration[0].actions[0].high_action[0].event_action == "BLOCK" &&
      aws_cognito_risk_configuration.this[0].account_takeover_risk_configuration[0].actions[0].high_action[0].notify
    )
    error_message = "It responds to risks as configured."
  }

  assert {
    condition     = aws_cognito_risk_configuration.this[0].risk_exception_configuration[0].skipped_ip_range_list == toset(["192.0.2.0/24"])
    error_message = "Trusted addresses are exempt."
  }

  assert {
    condition     = aws_cognito_risk_configuration.this[0].client_id == null
    error_message = "The response is the same for both clients."
  }
}

run "federated" {
  module {
    source = "./modules/auth"
  }

  variables {
    domain        = { name = "images-upload-test" }
    callback_urls = ["https://app.example.com/signed-in"]
    identity_providers = {
      Google = { type = "Google", client_id = "google-client" }
      SignInWithApple = {
        type      = "SignInWithApple"
        client_id = "com.example.app"
        team_id   = "TEAM"
        key_id    = "KEY"
      }
      Corporate = {
        type              = "OIDC"
        client_id         = "oidc-client"
        issuer_url        = "https://login.example.com"
        attribute_mapping = { username = "sub", email = "mail", nickname = "nick" }
      }
      Partner = { type = "SAML", metadata_url = "https://idp.example.com/metadata", identifiers = ["example.com"] }
    }
    identity_provider_secrets = { Google = "google-secret", SignInWithApple = "apple-key", Corporate = "oidc-secret" }
  }

  assert {
    condition = (
      aws_cognito_user_pool_client.public.allowed_oauth_flows == toset(["code"]) &&
      aws_cognito_user_pool_client.public.callback_urls == toset(["https://app.example.com/signed-in"])
    )
    error_message = "The hosted sign-in gives codes, not tokens, and only to the named pages."
  }

  assert {
    condition     = toset(aws_cognito_user_pool_client.public.supported_identity_providers) == toset(["COGNITO", "Google", "SignInWithApple", "Corporate", "Partner"])
    error_message = "The public client offers every provider."
  }

  assert {
    condition     = aws_cognito_user_pool_client.public.write_attributes == toset(["email", "family_name", "given_name", "nickname"])
    error_message = "A provider may fill in what is mapped, and nothing more."
  }

  assert {
    condition     = aws_cognito_user_pool_client.server.supported_identity_providers == toset(["COGNITO"])
    error_message = "The API's client offers no other provider."
  }

  assert {
    condition = (
      nonsensitive(aws_cognito_identity_provider.this["SignInWithApple"].provider_details["private_key"]) == "apple-key" &&
      nonsensitive(aws_cognito_identity_provider.this["Google"].provider_details["client_secret"]) == "google-secret"
    )
    error_message = "Secrets have the names that Cognito expects."
  }

  assert {
    condition     = !contains(keys(nonsensitive(aws_cognito_identity_provider.this["Partner"].provider_details)), "client_id")
    error_message = "SAML providers have no client."
  }
}
