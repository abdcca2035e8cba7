variable "name" {
  description = "Name of the queue."
  type        = string
}

variable "account_id" {
  description = "The account that owns the bucket."
  type        = string
}

variable "bucket_arn" {
  description = "ARN of the bucket whose events the queue takes."
  type        = string
}

variable "kms_key_arn" {
  description = "Key that encrypts the messages; null for encryption managed by SQS."
  type        = string
  default     = null
}

variable "visibility_timeout_seconds" {
  description = "How long a received message stays hidden: at least six times the consumer's timeout."
  type        = number

  validation {
    condition     = var.visibility_timeout_seconds >= 0 && var.visibility_timeout_seconds <= 43200
    error_message = "SQS hides a message for at most 12 hours."
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
