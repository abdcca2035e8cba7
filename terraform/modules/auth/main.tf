# Who may sign in, how, and what tokens they get.

locals {
  hosted_sign_in = var.domain != null

  trigger_arns = { for trigger, on in var.triggers : trigger => var.trigger_function.alias_arn if on }

  # Scopes of Cognito's own endpoints for users: profile and e-mail, and aws.cognito.signin.user.admin to
  # change the password or the MFA settings directly.
  oauth_scopes = ["openid", "email", "profile", "aws.cognito.signin.user.admin"]

  provider_names = keys(var.identity_providers)

  default_attribute_mappings = {
    Google          = { username = "sub", email = "email", given_name = "given_name", family_name = "family_name" }
    Facebook        = { username = "id", email = "email", given_name = "first_name", family_name = "last_name" }
    LoginWithAmazon = { username = "user_id", email = "email" }
    SignInWithApple = { username = "sub", email = "email" }
    OIDC            = { username = "sub", email = "email", given_name = "given_name", family_name = "family_name" }
    SAML            = { email = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress" }
  }
  default_scopes = {
    Google          = "openid email profile"
    Facebook        = "public_profile,email"
    LoginWithAmazon = "profile"
    SignInWithApple = "email name"
    OIDC            = "openid email profile"
    SAML            = null
  }

  attribute_mappings = {
    for name, provider in var.identity_providers : name =>
    provider.attribute_mapping == null ? local.default_attribute_mappings[provider.type] : provider.attribute_mapping
  }
  # What a user may set: the attributes of this API, and those that a provider of federated sign-in fills in, which
  # Cognito does on behalf of the user. Without a list, a user may set every attribute that is not read-only.
  writable_attributes = toset(concat(
    ["email", "family_name", "given_name"],
    [for attribute in flatten([for mapping in local.attribute_mappings : keys(mapping)]) : attribute if attribute != "username"],
  ))

  # The argument names that Cognito expects for each type; null values are omitted.
  provider_details = {
    for name, provider in var.identity_providers : name => merge(
      {
        client_id        = provider.client_id
        authorize_scopes = provider.scopes == null ? local.default_scopes[provider.type] : provider.scopes
      },
      provider.type == "SignInWithApple" ? { team_id = provider.team_id, key_id = provider.key_id } : {},
      provider.type == "OIDC" ? { oidc_issuer = provider.issuer_url, attributes_request_method = "GET" } : {},
      provider.type == "SAML" ? {
        MetadataURL             = provider.metadata_url
        IDPSignout              = "true"
        RequestSigningAlgorithm = "rsa-sha256"
        EncryptedResponses      = null
      } : {},
    )
  }
  # What Cognito calls the secret of each type.
  secret_names = { SignInWithApple = "private_key", SAML = null }
}

resource "aws_cognito_user_pool" "this" {
  name                     = var.name
  user_pool_tier           = var.tier
  username_attributes      = ["email"]
  auto_verified_attributes = ["email"]
  mfa_configuration        = var.mfa
  deletion_protection      = var.deletion_protection ? "ACTIVE" : "INACTIVE"

  username_configuration {
    case_sensitive = false
  }

  user_attribute_update_settings {
    attributes_require_verification_before_update = ["email"]
  }

  password_policy {
    minimum_length                   = var.password_policy.minimum_length
    require_lowercase                = var.password_policy.require_lowercase
    require_uppercase                = var.password_policy.require_uppercase
    require_numbers                  = var.password_policy.require_numbers
    require_symbols                  = var.password_policy.require_symbols
    temporary_password_validity_days = var.password_policy.temporary_password_validity_days
  }

  admin_create_user_config {
    allow_admin_create_user_only = !var.registration_open
  }

  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
    }
  }

  dynamic "software_token_mfa_configuration" {
    for_each = var.mfa == "OFF" ? [] : [true]

    content {
      enabled = true
    }
  }

  dynamic "user_pool_add_ons" {
    for_each = var.threat_protection == "OFF" ? [] : [var.threat_protection]

    content {
      advanced_security_mode = user_pool_add_ons.value
    }
  }

  dynamic "email_configuration" {
    for_each = var.email == null ? [] : [var.email]

    content {
      email_sending_account  = "DEVELOPER"
      source_arn             = email_configuration.value.ses_identity_arn
      from_email_address     = email_configuration.value.from
      reply_to_email_address = email_configuration.value.reply_to
    }
  }

  dynamic "lambda_config" {
    for_each = length(local.trigger_arns) == 0 ? [] : [local.trigger_arns]

    content {
      pre_sign_up         = lookup(lambda_config.value, "pre_sign_up", null)
      post_authentication = lookup(lambda_config.value, "post_authentication", null)

      dynamic "pre_token_generation_config" {
        for_each = contains(keys(lambda_config.value), "pre_token_generation") ? [lambda_config.value.pre_token_generation] : []

        content {
          lambda_arn = pre_token_generation_config.value
          # Since version 2, the access token can have custom claims too.
          lambda_version = "V2_0"
        }
      }
    }
  }
}

# How threat protection responds to what it finds; in AUDIT mode it only keeps a record. The API sends the IP address,
# the user agent and the path of every sign-in (ContextData), so that they do not all seem to come from its function.
resource "aws_cognito_risk_configuration" "this" {
  count = var.threat_protection == "ENFORCED" ? 1 : 0

  user_pool_id = aws_cognito_user_pool.this.id

  compromised_credentials_risk_configuration {
    event_filter = ["PASSWORD_CHANGE", "SIGN_IN", "SIGN_UP"]

    actions {
      event_action = var.threat_response.compromised_credentials
    }
  }

  account_takeover_risk_configuration {
    actions {
      dynamic "low_action" {
        for_each = var.threat_response.low_risk == "NO_ACTION" ? [] : [var.threat_response.low_risk]

        content {
          event_action = low_action.value
          notify       = var.threat_response.notify
        }
      }

      dynamic "medium_action" {
        for_each = var.threat_response.medium_risk == "NO_ACTION" ? [] : [var.threat_response.medium_risk]

        content {
          event_action = medium_action.value
          notify       = var.threat_response.notify
        }
      }

      dynamic "high_action" {
        for_each = var.threat_response.high_risk == "NO_ACTION" ? [] : [var.threat_response.high_risk]

        content {
          event_action = high_action.value
          notify       = var.threat_response.notify
        }
      }
    }

    notify_configuration {
      source_arn = var.email.ses_identity_arn
      from       = var.email.from
      reply_to   = var.email.reply_to
    }
  }

  dynamic "risk_exception_configuration" {
    for_each = length(concat(var.threat_response.blocked_addresses, var.threat_response.trusted_addresses)) == 0 ? [] : [true]

    content {
      blocked_ip_range_list = length(var.threat_response.blocked_addresses) == 0 ? null : var.threat_response.blocked_addresses
      skipped_ip_range_list = length(var.threat_response.trusted_addresses) == 0 ? null : var.threat_response.trusted_addresses
    }
  }
}

resource "aws_lambda_permission" "triggers" {
  count = length(local.trigger_arns) == 0 ? 0 : 1

  statement_id  = "UserPool"
  action        = "lambda:InvokeFunction"
  function_name = var.trigger_function.name
  qualifier     = var.trigger_function.alias
  principal     = "cognito-idp.amazonaws.com"
  source_arn    = aws_cognito_user_pool.this.arn
}

# The API's own client. It needs no secret, because it only allows the administrators' flow, which requires a signed
# request by a role with that permission.
resource "aws_cognito_user_pool_client" "server" {
  name                          = "${var.name}-server"
  user_pool_id                  = aws_cognito_user_pool.this.id
  generate_secret               = false
  explicit_auth_flows           = concat(["ALLOW_ADMIN_USER_PASSWORD_AUTH"], local.refresh_flows)
  prevent_user_existence_errors = "ENABLED"
  enable_token_revocation       = true
  auth_session_validity         = var.token_lifetimes.challenge_minutes
  access_token_validity         = var.token_lifetimes.access_minutes
  id_token_validity             = var.token_lifetimes.id_minutes
  refresh_token_validity        = var.token_lifetimes.refresh_days
  supported_identity_providers  = ["COGNITO"]
  write_attributes              = ["email", "family_name", "given_name"]

  token_validity_units {
    access_token  = "minutes"
    id_token      = "minutes"
    refresh_token = "days"
  }

  dynamic "refresh_token_rotation" {
    for_each = var.rotate_refresh_tokens ? [true] : []

    content {
      feature                    = "ENABLED"
      retry_grace_period_seconds = local.rotation_grace_seconds
    }
  }
}

# The client for browsers and mobile apps: it is public (RFC 6749 §2.1), so it uses SRP or the authorization code flow.
resource "aws_cognito_user_pool_client" "public" {
  name                                 = "${var.name}-public"
  user_pool_id                         = aws_cognito_user_pool.this.id
  generate_secret                      = false
  explicit_auth_flows                  = concat(["ALLOW_USER_SRP_AUTH"], local.refresh_flows)
  prevent_user_existence_errors        = "ENABLED"
  enable_token_revocation              = true
  auth_session_validity                = var.token_lifetimes.challenge_minutes
  access_token_validity                = var.token_lifetimes.access_minutes
  id_token_validity                    = var.token_lifetimes.id_minutes
  refresh_token_validity               = var.token_lifetimes.refresh_days
  supported_identity_providers         = concat(["COGNITO"], [for provider in aws_cognito_identity_provider.this : provider.provider_name])
  allowed_oauth_flows_user_pool_client = local.hosted_sign_in
  allowed_oauth_flows                  = local.hosted_sign_in ? ["code"] : null
  allowed_oauth_scopes                 = local.hosted_sign_in ? local.oauth_scopes : null
  callback_urls                        = local.hosted_sign_in ? var.callback_urls : null
  logout_urls                          = local.hosted_sign_in ? var.logout_urls : null
  write_attributes                     = local.writable_attributes

  token_validity_units {
    access_token  = "minutes"
    id_token      = "minutes"
    refresh_token = "days"
  }

  dynamic "refresh_token_rotation" {
    for_each = var.rotate_refresh_tokens ? [true] : []

    content {
      feature                    = "ENABLED"
      retry_grace_period_seconds = local.rotation_grace_seconds
    }
  }
}

resource "aws_cognito_user_group" "this" {
  for_each = var.groups

  name         = each.key
  description  = each.value.description
  user_pool_id = aws_cognito_user_pool.this.id
}

# Changes that need a new provider: Cognito looks up the endpoints of an issuer and of SAML metadata only once, an update
# would send the old ones again, and Cognito never returns Apple's key.
resource "terraform_data" "identity_provider" {
  for_each = var.identity_providers

  triggers_replace = [
    each.value.issuer_url,
    each.value.metadata_url,
    each.value.type == "SignInWithApple" ? sha256(lookup(var.identity_provider_secrets, each.key, "")) : null,
  ]
}

resource "aws_cognito_identity_provider" "this" {
  for_each = var.identity_providers

  user_pool_id  = aws_cognito_user_pool.this.id
  provider_name = each.key
  provider_type = each.value.type
  provider_details = {
    for name, value in merge(
      local.provider_details[each.key],
      each.value.type == "SAML" ? {} : {
        (lookup(local.secret_names, each.value.type, "client_secret")) = lookup(var.identity_provider_secrets, each.key, null)
      },
    ) : name => value if value != null
  }
  attribute_mapping = local.attribute_mappings[each.key]
  idp_identifiers   = each.value.identifiers

  lifecycle {
    replace_triggered_by = [terraform_data.identity_provider[each.key]]

    # Cognito adds these to the given details, and omits the private key.
    ignore_changes = [
      provider_details["ActiveEncryptionCertificate"],
      provider_details["IDPInit"],
      provider_details["SLORedirectBindingURI"],
      provider_details["SSORedirectBindingURI"],
      provider_details["api_version"],
      provider_details["attributes_url"],
      provider_details["attributes_url_add_attributes"],
      provider_details["authorize_url"],
      provider_details["jwks_uri"],
      provider_details["oidc_issuer"],
      provider_details["private_key"],
      provider_details["token_request_method"],
      provider_details["token_url"],
    ]
  }
}

resource "aws_cognito_user_pool_domain" "this" {
  count = local.hosted_sign_in ? 1 : 0

  user_pool_id    = aws_cognito_user_pool.this.id
  domain          = var.domain.name
  certificate_arn = var.domain.certificate_arn
}

locals {
  # With rotation, Cognito refuses this flow; clients refresh with GetTokensFromRefreshToken.
  refresh_flows          = var.rotate_refresh_tokens ? [] : ["ALLOW_REFRESH_TOKEN_AUTH"]
  rotation_grace_seconds = 10
}
