variable "name" {
  description = "Prefix of all names."
  type        = string
}

variable "region" {
  description = "Region of the bus; the last part of the roles' names."
  type        = string
}

variable "bus_name" {
  description = "Bus whose events are posted."
  type        = string
}

variable "webhooks" {
  description = <<-EOT
    Where events are posted to, by a name: the https url, the types of events (null: all), how many requests a
    second at most, and the secret that every request carries in the header secret_header: secret_arn is the secret in
    Secrets Manager whose text is the header's whole value.
  EOT
  type = map(object({
    url             = string
    events          = optional(set(string))
    rate_per_second = optional(number, 10)
    secret_arn      = string
    secret_header   = optional(string, "Authorization")
  }))

  validation {
    condition     = alltrue([for name in keys(var.webhooks) : can(regex("^[a-z][a-z0-9-]{0,23}$", name))])
    error_message = "Name a webhook with 1 to 24 lower-case letters, digits and hyphens, beginning with a letter."
  }

  validation {
    condition     = alltrue([for webhook in values(var.webhooks) : can(regex("^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?([/?][^[:space:]#*]*)?$", webhook.url)) && length(webhook.url) <= 2048])
    error_message = "Events are posted to https URLs of at most 2048 characters, without a user's name, a fragment or an asterisk."
  }

  validation {
    condition = alltrue([
      for webhook in values(var.webhooks) : try(length(webhook.events), 1) > 0 && alltrue([
        for type in coalesce(webhook.events, []) : contains(["image.ready", "image.rejected", "image.rendered", "image.updated", "image.deleted", "account.deleted"], type)
      ])
    ])
    error_message = "Choose among image.ready, image.rejected, image.rendered, image.updated, image.deleted and account.deleted, or leave events out for all."
  }

  validation {
    condition     = alltrue([for webhook in values(var.webhooks) : webhook.rate_per_second >= 1 && webhook.rate_per_second <= 300 && floor(webhook.rate_per_second) == webhook.rate_per_second])
    error_message = "EventBridge sends 1 to 300 requests a second."
  }

  validation {
    condition     = alltrue([for webhook in values(var.webhooks) : can(regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[^[:space:]]+$", webhook.secret_arn))])
    error_message = "secret_arn is the ARN of a secret in Secrets Manager, never the secret itself."
  }

  validation {
    condition     = alltrue([for webhook in values(var.webhooks) : can(regex("^[A-Za-z0-9][A-Za-z0-9-]{0,127}$", webhook.secret_header)) && !contains(["connection", "content-length", "content-type", "host", "range", "transfer-encoding", "user-agent"], lower(webhook.secret_header))])
    error_message = "secret_header is a header of your own or Authorization, not one that belongs to the request."
  }
}

variable "kms_key_arn" {
  description = "Key that encrypts undelivered events; null for encryption managed by SQS."
  type        = string
  default     = null
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of the roles, where the organisation requires one."
  type        = string
  default     = null
}

variable "tls_only" {
  description = "Refuse requests to the queues over plain HTTP."
  type        = bool
  default     = true
}
