# Protection, encryption, logs, metrics and alarms.

variable "deletion_protection" {
  description = "Refuse to delete the accounts, the records, and the bucket while it contains images. Set it to false, and apply, before tearing down."
  type        = bool
  default     = true
}

variable "kms_key_arn" {
  description = "Customer-managed KMS key for objects, records, messages, logs and the functions' environment; null for keys that AWS manages. docs/security.md shows the key policy that it needs."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "Give the ARN of a key (not of an alias)."
  }
}

variable "log_level" {
  description = "What the functions log: DEBUG, INFO, WARNING or ERROR."
  type        = string
  default     = "INFO"

  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR"], var.log_level)
    error_message = "The value must be DEBUG, INFO, WARNING or ERROR."
  }
}

variable "log_retention_days" {
  description = "How many days logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "CloudWatch Logs keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days."
  }
}

variable "tracing" {
  description = "Trace the functions with X-Ray."
  type        = bool
  default     = true
}

variable "detailed_metrics" {
  description = "Publish CloudWatch metrics of each route of the API, which cost up to 2 USD per route and month."
  type        = bool
  default     = false
}

variable "alarm_actions" {
  description = "ARNs of the targets that alarms notify, such as SNS topics."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.alarm_actions : startswith(arn, "arn:")])
    error_message = "Give ARNs."
  }
}

variable "alarm_emails" {
  description = "E-mail addresses that alarms notify through a separate topic; each must confirm its subscription."
  type        = set(string)
  default     = []
}

variable "alarm_api_latency_ms" {
  description = "The latency that 95 % of the requests must stay below."
  type        = number
  default     = 3000
}

variable "alarm_denied_sign_ins" {
  description = "How many sign-ins with a wrong password within five minutes raise an alarm."
  type        = number
  default     = 100

  validation {
    condition     = var.alarm_denied_sign_ins >= 1
    error_message = "The number must be at least 1."
  }
}
