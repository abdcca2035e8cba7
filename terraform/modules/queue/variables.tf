variable "name" {
  description = "Name of the queue."
  type        = string
}

variable "senders" {
  description = <<-EOT
    By statement id, the services that may send to the queue, each for one resource. source_account is for resources
    whose ARN does not contain their account. A service with keeps_undelivered may also send what it could not deliver
    to the dead-letter queue.
  EOT
  type = map(object({
    service           = string
    source_arn        = string
    source_account    = optional(string)
    keeps_undelivered = optional(bool, false)
  }))

  validation {
    condition     = alltrue([for sid in keys(var.senders) : can(regex("^[A-Za-z0-9]+$", sid))])
    error_message = "A statement id must only have letters and digits."
  }
}

variable "kms_key_arn" {
  description = "KMS key that encrypts the messages; null for encryption managed by SQS."
  type        = string
  default     = null
}

variable "visibility_timeout_seconds" {
  description = "For how many seconds a received message stays hidden: at least six times the consumer's timeout."
  type        = number

  validation {
    condition     = var.visibility_timeout_seconds >= 0 && var.visibility_timeout_seconds <= 43200
    error_message = "SQS can hide a message for at most 12 hours."
  }
}

variable "max_receive_count" {
  description = "How often a message is tried before it goes to the dead-letter queue."
  type        = number
  default     = 5
}

variable "tls_only" {
  description = "Refuse requests over plain HTTP."
  type        = bool
  default     = true
}
