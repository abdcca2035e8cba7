variable "name" {
  description = "Name of the user pool, and prefix of its clients' names."
  type        = string
}

variable "registration_open" {
  description = "Whether people may register themselves; otherwise only administrators create accounts."
  type        = bool
  default     = true
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
}

variable "rotate_refresh_tokens" {
  description = "Issue a new refresh token with every refresh and retire the old one."
  type        = bool
  default     = false
}

variable "mfa" {
  description = "OFF, OPTIONAL or ON."
  type        = string
  default     = "OPTIONAL"
}

variable "tier" {
  description = "Feature plan of the pool."
  type        = string
  default     = "ESSENTIALS"
}

variable "threat_protection" {
  description = "OFF, AUDIT or ENFORCED."
  type        = string
  default     = "OFF"
}

variable "threat_response" {
  description = "How ENFORCED threat protection responds to compromised passwords and risky sign-ins, and which IP addresses it always blocks or always trusts."
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
}

variable "deletion_protection" {
  description = "Refuse to delete the pool."
  type        = bool
  default     = true
}

variable "groups" {
  description = "Groups of users by name."
  type        = map(object({ description = optional(string) }))
  default     = {}
}

variable "email" {
  description = "The Amazon SES identity that sends the mails; null for Cognito's own sender (50 mails a day)."
  type = object({
    ses_identity_arn = string
    from             = string
    reply_to         = optional(string)
  })
  default = null
}

variable "domain" {
  description = "Domain of the hosted sign-in pages; null for none."
  type = object({
    name            = string
    certificate_arn = optional(string)
  })
  default = null
}

variable "callback_urls" {
  description = "URLs to which the hosted sign-in may redirect."
  type        = list(string)
  default     = []
}

variable "logout_urls" {
  description = "URLs to which the hosted sign-out may redirect."
  type        = list(string)
  default     = []
}

variable "identity_providers" {
  description = "Providers of federated sign-in by name."
  type = map(object({
    type              = string
    client_id         = optional(string)
    scopes            = optional(string)
    team_id           = optional(string)
    key_id            = optional(string)
    issuer_url        = optional(string)
    metadata_url      = optional(string)
    attribute_mapping = optional(map(string))
    identifiers       = optional(list(string))
  }))
  default = {}
}

variable "identity_provider_secrets" {
  description = "Client secret (Apple: private key) of each provider by name."
  type        = map(string)
  default     = {}
  sensitive   = true
}

variable "triggers" {
  description = "Which events call the function."
  type = object({
    pre_sign_up          = optional(bool, true)
    post_authentication  = optional(bool, true)
    pre_token_generation = optional(bool, true)
  })
  default  = {}
  nullable = false
}

variable "trigger_function" {
  description = "The function that the pool calls."
  type = object({
    name      = string
    alias     = string
    alias_arn = string
  })
}
