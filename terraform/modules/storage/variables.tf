variable "bucket_name" {
  description = "Name of the bucket."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket_name))
    error_message = "Use 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "account_id" {
  description = "The account whose principals may use the bucket."
  type        = string
}

variable "kms_key_arn" {
  description = "KMS key that encrypts the objects; null for SSE-S3."
  type        = string
  default     = null
}

variable "versioning" {
  description = "Keep overwritten and deleted objects as noncurrent versions."
  type        = bool
  default     = false
}

variable "lifecycle_rules" {
  description = "When S3 removes or moves objects. infrequent_access null means never."
  type = object({
    abort_multipart_after_days = optional(number, 2)
    expire_prefix_after_days   = optional(map(number), {})
    noncurrent_days            = optional(number, 30)
    infrequent_access          = optional(object({ prefix = string, after_days = number }))
  })
  default  = {}
  nullable = false
}

variable "cors_origins" {
  description = "Web origins whose pages may upload to the bucket. Any page may read with a signed URL."
  type        = list(string)
  default     = []
}

variable "log_bucket" {
  description = "Bucket for the server access logs; null for none."
  type        = string
  default     = null
}

variable "force_destroy" {
  description = "Let terraform destroy delete a bucket that still contains images."
  type        = bool
  default     = false
}

variable "notification" {
  description = "The queue that is notified of each new object under the prefixes; no prefix may begin with another one."
  type = object({
    queue_arn = string
    prefixes  = list(string)
  })
}

variable "tls_only" {
  description = "Refuse requests over plain HTTP."
  type        = bool
  default     = true
}
