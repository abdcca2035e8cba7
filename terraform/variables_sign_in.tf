# Hosted sign-in pages and other identity providers.

variable "sign_in_domain" {
  description = "Domain of the hosted sign-in pages: a prefix of amazoncognito.com, or your own domain name with an ACM certificate in us-east-1."
  type = object({
    name            = string
    certificate_arn = optional(string)
  })
  default = null

  validation {
    condition     = var.sign_in_domain == null || length(var.callback_urls) > 0
    error_message = "Hosted sign-in needs URLs to return to: set callback_urls."
  }

  validation {
    condition     = try(var.sign_in_domain.certificate_arn, null) != null || !strcontains(try(var.sign_in_domain.name, ""), ".")
    error_message = "Your own domain needs a certificate_arn; a prefix must not contain dots."
  }
}

variable "callback_urls" {
  description = "URLs to which the hosted sign-in may redirect."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for url in var.callback_urls : can(regex("^(https://|http://localhost[:/]|[a-z][a-z0-9.+-]*://)", url)) && (!startswith(url, "http://") || startswith(url, "http://localhost"))])
    error_message = "Use https, the scheme of a mobile app, or http://localhost."
  }
}

variable "logout_urls" {
  description = "URLs to which the hosted sign-out may redirect."
  type        = list(string)
  default     = []
}

variable "identity_providers" {
  description = <<-EOT
    Providers of federated sign-in, by name. Cognito requires the names Google, Facebook, LoginWithAmazon and
    SignInWithApple for these types; OIDC and SAML providers may have any other name. Their secrets are in
    identity_provider_secrets.
  EOT
  type = map(object({
    type              = string
    client_id         = optional(string)       # all but SAML
    scopes            = optional(string)       # default: those that give name and e-mail
    team_id           = optional(string)       # SignInWithApple
    key_id            = optional(string)       # SignInWithApple
    issuer_url        = optional(string)       # OIDC
    metadata_url      = optional(string)       # SAML
    attribute_mapping = optional(map(string))  # user pool attribute = provider's attribute
    identifiers       = optional(list(string)) # e-mail domains that lead to this provider
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for provider in values(var.identity_providers) : contains(["Google", "Facebook", "LoginWithAmazon", "SignInWithApple", "OIDC", "SAML"], provider.type)])
    error_message = "The type must be Google, Facebook, LoginWithAmazon, SignInWithApple, OIDC or SAML."
  }

  validation {
    condition     = alltrue([for name, provider in var.identity_providers : contains(["OIDC", "SAML"], provider.type) || name == provider.type])
    error_message = "A social provider must have the name of its type."
  }

  validation {
    condition     = alltrue([for provider in values(var.identity_providers) : (provider.type == "SAML") != (provider.client_id != null)])
    error_message = "Every provider except SAML needs a client_id, and SAML must not have one."
  }

  validation {
    condition     = alltrue([for provider in values(var.identity_providers) : provider.type != "SAML" || provider.metadata_url != null])
    error_message = "SAML needs a metadata_url."
  }

  validation {
    condition     = alltrue([for provider in values(var.identity_providers) : provider.type != "OIDC" || provider.issuer_url != null])
    error_message = "OIDC needs an issuer_url."
  }

  validation {
    condition     = alltrue([for provider in values(var.identity_providers) : provider.type != "SignInWithApple" || (provider.team_id != null && provider.key_id != null)])
    error_message = "SignInWithApple needs team_id and key_id."
  }

  validation {
    condition     = length(var.identity_providers) == 0 || var.sign_in_domain != null
    error_message = "Federated sign-in uses the hosted pages: set sign_in_domain."
  }
}

variable "identity_provider_secrets" {
  description = "Client secret (SignInWithApple: private key) by provider name. Set it as TF_VAR_identity_provider_secrets, not in a file."
  type        = map(string)
  default     = {}
  sensitive   = true
}
