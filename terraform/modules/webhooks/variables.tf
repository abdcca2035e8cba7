variable "name" {
  description = "Prefix of all resource names."
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
    URLs to which events are posted, by name: the https url, the types of events (null: all), the maximum rate of
    requests per second, and the secret that every request has in the header secret_header. secret_arn names a secret
    in Secrets Manager whose text is the header's whole value.
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
    error_message = "A webhook's name must have 1 to 24 lower-case letters, digits and hyphens, beginning with a letter."
  }

  validation {
    condition     = alltrue([for webhook in values(var.webhooks) : can(regex("^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?([/?][^[:space:]#*]*)?$", webhook.url)) && length(webhook.url) <= 2048])
    error_message = "A webhook's url must be an https URL of at most 2048 characters, without user name, fragment or asterisk."
  }

  validation {
    condition = alltrue([
      for webhook in values(var.webhooks) : try(length(webhook.events), 1) > 0 && alltrue([
        for type in coalesce(webhook.events, []) : contains(["image.ready", "image.rejected", "image.rendered", "image.updated", "image.deleted", "account.deleted"], type)
      ])
    ])
    error_message = "Choose from image.ready, image.rejected, image.rendered, image.updated, image.deleted and account.deleted, or omit events for all."
  }

  validation {
    condition     = alltrue([for webhook in values(var.webhooks) : webhook.rate_per_second >= 1 && webhook.rate_per_second <= 300 && floor(webhook.rate_per_second) == webhook.rate_per_second])
    error_message = "The rate must be 1 to 300 requests per second."
  }

  validation {
    condition     = alltrue([for webhook in values(var.webhooks) : can(regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[^[:space:]]+$", webhook.secret_arn))])
    error_message = "secret_arn must be the ARN of a secret in Secrets Manager, not the secret itself."
  }

  validation {
    condition     = alltrue([for webhook in values(var.webhooks) : can(regex("^[A-Za-z0-9][A-Za-z0-9-]{0,127}$", webhook.secret_header)) && !contains(["connection", "content-length", "content-type", "host", "range", "transfer-encoding", "user-agent"], lower(webhook.secret_header))])
    error_message = "secret_header must be Authorization or a custom header, not a header that EventBridge sets."
  }
}

variable "kms_key_arn" {
  description = "KMS key that encrypts undelivered events; null for encryption managed by SQS."
  type        = string
  default     = null
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of the roles, if the organisation requires one."
  type        = string
  default     = null
}

variable "tls_only" {
  description = "Refuse requests to the queues over plain HTTP."
  type        = bool
  default     = true
}
