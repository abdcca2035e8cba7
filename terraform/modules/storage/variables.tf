variable "bucket_name" {
  description = "Name of the bucket."
  type        = string
}

variable "account_id" {
  description = "The account whose principals may use the bucket."
  type        = string
}

variable "kms_key_arn" {
  description = "Key that encrypts the objects; null for SSE-S3."
  type        = string
  default     = null
}

variable "versioning" {
  description = "Keep overwritten and deleted objects as noncurrent versions."
  type        = bool
}

variable "lifecycle_rules" {
  description = "When S3 removes or moves what nobody needs any more. infrequent_access_after_days null means never."
  type = object({
    abort_multipart_after_days   = number
    expire_prefix_after_days     = map(number)
    noncurrent_days              = number
    infrequent_access_after_days = optional(number)
  })
}

variable "cors_origins" {
  description = "Web origins whose pages may upload to the bucket and read from it."
  type        = list(string)
}

variable "log_bucket" {
  description = "Bucket that takes the server access logs; null for none."
  type        = string
  default     = null
}

variable "force_destroy" {
  description = "Let terraform destroy delete a bucket that still holds images."
  type        = bool
}

variable "notification" {
  description = "The queue that learns of each new object under the prefix."
  type = object({
    queue_arn = string
    prefix    = string
  })
}

variable "tls_only" {
  description = "Refuse requests over plain HTTP."
  type        = bool
  default     = true
}
