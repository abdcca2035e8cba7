variable "name" {
  description = "Name of the user pool and prefix of its clients' names."
  type        = string
}

variable "registration_open" {
  description = "Whether people may register themselves; else only administrators create accounts."
  type        = bool
}

variable "password_policy" {
  description = "What a password must have."
  type = object({
    minimum_length                   = number
    require_lowercase                = bool
    require_uppercase                = bool
    require_numbers                  = bool
    require_symbols                  = bool
    temporary_password_validity_days = number
  })
}

variable "token_lifetimes" {
  description = "How long tokens, and the session of a sign-in that needs another step, are valid."
  type = object({
    access_minutes    = number
    id_minutes        = number
    refresh_days      = number
    challenge_minutes = number
  })
}

variable "rotate_refresh_tokens" {
  description = "Issue a new refresh token with every refresh and retire the old one."
  type        = bool
}

variable "mfa" {
  description = "OFF, OPTIONAL or ON."
  type        = string
}

variable "tier" {
  description = "Feature plan of the pool."
  type        = string
}

variable "threat_protection" {
  description = "OFF, AUDIT or ENFORCED."
  type        = string
}

variable "deletion_protection" {
  description = "Refuse to delete the pool."
  type        = bool
}

variable "groups" {
  description = "Groups of users by name."
  type        = map(object({ description = optional(string) }))
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
  description = "Where the hosted sign-in may return to."
  type        = list(string)
}

variable "logout_urls" {
  description = "Where the hosted sign-out may return to."
  type        = list(string)
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
}

variable "identity_provider_secrets" {
  description = "Client secret (Apple: private key) of each provider by name."
  type        = map(string)
  sensitive   = true
}

variable "triggers" {
  description = "Which events call the trigger function."
  type = object({
    pre_sign_up          = bool
    post_authentication  = bool
    pre_token_generation = bool
  })
}

variable "trigger_function" {
  description = "The function that the pool calls."
  type = object({
    name      = string
    alias     = string
    alias_arn = string
  })
}
