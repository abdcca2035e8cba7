variable "name" {
  description = "Name of the table."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]{3,255}$", var.name))
    error_message = "Use 3 to 255 letters, digits, hyphens, dots and underscores."
  }
}

variable "kms_key_arn" {
  description = "KMS key that encrypts the table, its indexes, stream and backups; null for a key that DynamoDB owns."
  type        = string
  default     = null
}

variable "deletion_protection" {
  description = "Refuse to delete the table."
  type        = bool
  default     = true
}

variable "recovery_days" {
  description = "For how many days back the table can be restored, to any second."
  type        = number
  default     = 35

  validation {
    condition     = var.recovery_days >= 1 && var.recovery_days <= 35
    error_message = "DynamoDB can restore tables for 1 to 35 days back."
  }
}
