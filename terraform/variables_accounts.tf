# Accounts: registration, passwords, tokens, groups.

variable "registration" {
  description = <<-EOT
    Who may create an account: only administrators (open = false), or everybody with an e-mail address in one of the
    allowed_domains (empty: any domain), unless the address, its domain or a parent domain is blocked.
  EOT
  type = object({
    open            = optional(bool, true)
    allowed_domains = optional(list(string), [])
    blocked         = optional(list(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for domain in var.registration.allowed_domains : can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+$", domain))])
    error_message = "Give allowed domains in lower case, such as example.com."
  }

  validation {
    condition     = alltrue([for blocked in var.registration.blocked : can(regex("^([^@,[:space:]]+@)?[a-z0-9-]+(\\.[a-z0-9-]+)+$", blocked))])
    error_message = "Block domains or addresses in lower case, such as example.com or eve@example.com."
  }

  validation {
    condition     = var.triggers.pre_sign_up || length(concat(var.registration.allowed_domains, var.registration.blocked)) == 0
    error_message = "The pre sign-up trigger checks domains: set triggers.pre_sign_up to true."
  }
}

variable "password_policy" {
  description = "The requirements on passwords."
  type = object({
    minimum_length                   = optional(number, 12)
    require_lowercase                = optional(bool, true)
    require_uppercase                = optional(bool, true)
    require_numbers                  = optional(bool, true)
    require_symbols                  = optional(bool, false)
    temporary_password_validity_days = optional(number, 3)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.password_policy.minimum_length >= 8 && var.password_policy.minimum_length <= 99
    error_message = "The minimum length must be between 8 and 99."
  }
}

variable "token_lifetimes" {
  description = "How long tokens, and the session of a sign-in that needs another step, are valid."
  type = object({
    access_minutes    = optional(number, 60)
    id_minutes        = optional(number, 60)
    refresh_days      = optional(number, 30)
    challenge_minutes = optional(number, 3)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for minutes in [var.token_lifetimes.access_minutes, var.token_lifetimes.id_minutes] : minutes >= 5 && minutes <= 1440])
    error_message = "Access and ID tokens must be valid for 5 to 1440 minutes."
  }

  validation {
    condition     = var.token_lifetimes.refresh_days >= 1 && var.token_lifetimes.refresh_days <= 3650
    error_message = "Refresh tokens must be valid for 1 to 3650 days."
  }

  validation {
    condition     = var.token_lifetimes.refresh_days * 1440 >= max(var.token_lifetimes.access_minutes, var.token_lifetimes.id_minutes)
    error_message = "A refresh token must not expire before the access and ID tokens."
  }

  validation {
    condition     = var.token_lifetimes.challenge_minutes >= 3 && var.token_lifetimes.challenge_minutes <= 15
    error_message = "The session of a challenge must be valid for 3 to 15 minutes."
  }
}

variable "rotate_refresh_tokens" {
  description = "Issue a new refresh token with every refresh and retire the old one."
  type        = bool
  default     = false
}

variable "mfa" {
  description = "Time-based one-time passwords: OFF, OPTIONAL or ON (required for all users)."
  type        = string
  default     = "OPTIONAL"

  validation {
    condition     = contains(["OFF", "OPTIONAL", "ON"], var.mfa)
    error_message = "The value must be OFF, OPTIONAL or ON."
  }
}

variable "totp_issuer" {
  description = "The service's name in authenticator apps."
  type        = string
  default     = "Images"

  validation {
    condition     = length(var.totp_issuer) >= 1 && length(var.totp_issuer) <= 64
    error_message = "Use 1 to 64 characters."
  }
}

variable "user_pool_tier" {
  description = "Cognito's feature plan. LITE supports neither custom claims in access tokens nor refresh-token rotation."
  type        = string
  default     = "ESSENTIALS"

  validation {
    condition     = contains(["LITE", "ESSENTIALS", "PLUS"], var.user_pool_tier)
    error_message = "The value must be LITE, ESSENTIALS or PLUS."
  }

  validation {
    condition     = var.user_pool_tier != "LITE" || !(var.triggers.pre_token_generation || var.rotate_refresh_tokens)
    error_message = "LITE supports neither version 2 of the pre token generation trigger nor refresh-token rotation."
  }
}

variable "threat_protection" {
  description = "Cognito's threat protection: OFF, AUDIT or ENFORCED (both need the PLUS plan)."
  type        = string
  default     = "OFF"

  validation {
    condition     = contains(["OFF", "AUDIT", "ENFORCED"], var.threat_protection)
    error_message = "The value must be OFF, AUDIT or ENFORCED."
  }

  validation {
    condition     = var.threat_protection == "OFF" || var.user_pool_tier == "PLUS"
    error_message = "Threat protection needs user_pool_tier = \"PLUS\"."
  }

  validation {
    condition     = var.threat_protection != "ENFORCED" || var.email != null
    error_message = "ENFORCED sends mails about risky sign-ins, so it needs an SES identity: set email."
  }
}

variable "threat_response" {
  description = <<-EOT
    What ENFORCED threat protection does: NO_ACTION or BLOCK for passwords that are known to be compromised, and
    NO_ACTION, MFA_IF_CONFIGURED, MFA_REQUIRED or BLOCK for sign-ins of low, medium and high risk. notify sends a mail
    about such sign-ins. IP addresses (CIDR ranges) can always be blocked or always be trusted.
  EOT
  type = object({
    compromised_credentials = optional(string, "BLOCK")
    low_risk                = optional(string, "NO_ACTION")
    medium_risk             = optional(string, "MFA_IF_CONFIGURED")
    high_risk               = optional(string, "BLOCK")
    notify                  = optional(bool, true)
    blocked_addresses       = optional(list(string), [])
    trusted_addresses       = optional(list(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["NO_ACTION", "BLOCK"], var.threat_response.compromised_credentials)
    error_message = "The response to compromised credentials must be NO_ACTION or BLOCK."
  }

  validation {
    condition = alltrue([
      for action in [var.threat_response.low_risk, var.threat_response.medium_risk, var.threat_response.high_risk] :
      contains(["NO_ACTION", "MFA_IF_CONFIGURED", "MFA_REQUIRED", "BLOCK"], action)
    ])
    error_message = "The response to risky sign-ins must be NO_ACTION, MFA_IF_CONFIGURED, MFA_REQUIRED or BLOCK."
  }

  validation {
    condition = alltrue([
      for range in concat(var.threat_response.blocked_addresses, var.threat_response.trusted_addresses) : can(cidrhost(range, 0))
    ])
    error_message = "Give addresses as CIDR ranges, such as 192.0.2.0/24."
  }

  validation {
    condition     = alltrue([for list in [var.threat_response.blocked_addresses, var.threat_response.trusted_addresses] : length(list) <= 200])
    error_message = "Cognito accepts at most 200 ranges of each kind."
  }

  validation {
    condition     = length(concat(var.threat_response.blocked_addresses, var.threat_response.trusted_addresses)) == 0 || var.threat_protection == "ENFORCED"
    error_message = "Only threat protection checks addresses: set threat_protection = \"ENFORCED\"."
  }
}

variable "groups" {
  description = "Groups of users by name, with the permissions that they grant, such as images:upload."
  type = map(object({
    description = optional(string)
    permissions = optional(list(string), [])
  }))
  default = {}

  validation {
    condition     = alltrue([for permission in flatten(values(var.groups)[*].permissions) : can(regex("^[a-z]+:[a-z]+$", permission))])
    error_message = "A permission looks like images:upload."
  }

  validation {
    condition     = var.triggers.pre_token_generation || length(flatten(values(var.groups)[*].permissions)) == 0
    error_message = "The pre token generation trigger adds permissions to tokens: set triggers.pre_token_generation to true."
  }
}

variable "default_permissions" {
  description = "Permissions that every user has."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for permission in var.default_permissions : can(regex("^[a-z]+:[a-z]+$", permission))])
    error_message = "A permission looks like images:upload."
  }
}

variable "uploads_require_permission" {
  description = "Allow uploads only with tokens that have the permission images:upload."
  type        = bool
  default     = false
}

variable "triggers" {
  description = "Which Cognito events call the triggers function."
  type = object({
    pre_sign_up          = optional(bool, true)
    post_authentication  = optional(bool, true)
    pre_token_generation = optional(bool, true)
  })
  default  = {}
  nullable = false
}

variable "email" {
  description = "The Amazon SES identity that sends Cognito's mails; null for Cognito's own sender (50 mails a day)."
  type = object({
    ses_identity_arn = string
    from             = string
    reply_to         = optional(string)
  })
  default = null
}
