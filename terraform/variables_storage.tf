# The bucket of the images and the table of the records.

variable "bucket_name" {
  description = "Name of the bucket; null for <project>-<environment>-images-<account>-<region>, or without images- if that is too long."
  type        = string
  default     = null

  validation {
    condition     = var.bucket_name == null || can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket_name))
    error_message = "Use 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "bucket_versioning" {
  description = "Keep overwritten and deleted objects for bucket_lifecycle.noncurrent_days. If off, a deleted image is gone at once."
  type        = bool
  default     = false
}

variable "bucket_lifecycle" {
  description = <<-EOT
    When S3 aborts unfinished multipart uploads, deletes incoming objects that were never processed (incoming_days),
    events that could not be published (failed_event_days), other objects by prefix, and noncurrent versions, and moves
    images to infrequent access (null: never).
  EOT
  type = object({
    abort_multipart_after_days   = optional(number, 2)
    incoming_days                = optional(number, 35)
    failed_event_days            = optional(number, 14)
    expire_prefix_after_days     = optional(map(number), {})
    noncurrent_days              = optional(number, 30)
    infrequent_access_after_days = optional(number)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.bucket_lifecycle.incoming_days >= 15
    error_message = "Incoming objects must be kept longer than the messages about them, which are kept for 14 days."
  }

  validation {
    condition     = var.bucket_lifecycle.abort_multipart_after_days >= 2
    error_message = "A multipart upload may take a day, so it must be aborted after 2 days at the earliest."
  }

  validation {
    condition     = !anytrue([for prefix in keys(var.bucket_lifecycle.expire_prefix_after_days) : startswith("users/", prefix) || startswith(prefix, "users/")])
    error_message = "The users' images must not expire."
  }

  validation {
    condition     = var.bucket_lifecycle.infrequent_access_after_days == null || try(var.bucket_lifecycle.infrequent_access_after_days >= 30, false)
    error_message = "S3 can move objects to infrequent access after 30 days at the earliest."
  }
}

variable "access_log_bucket" {
  description = "Bucket for the images bucket's server access logs; null for none."
  type        = string
  default     = null
}

variable "force_destroy" {
  description = "Let terraform destroy delete the bucket with the images in it. Otherwise, S3 refuses as long as there are images."
  type        = bool
  default     = false

  validation {
    condition     = !(var.force_destroy && var.deletion_protection)
    error_message = "The images are protected: set deletion_protection to false too."
  }
}

variable "s3_public_endpoint_url" {
  description = "S3 endpoint for presigned URLs, if clients do not use the same S3 endpoint as the functions (emulators)."
  type        = string
  default     = null

  validation {
    condition     = var.s3_public_endpoint_url == null || can(regex("^https?://[A-Za-z0-9.-]+(:[0-9]+)?$", var.s3_public_endpoint_url))
    error_message = "Give the scheme, the host and, if necessary, the port."
  }
}

variable "records_recovery_days" {
  description = "For how many days back the records can be restored, to any second."
  type        = number
  default     = 35

  validation {
    condition     = var.records_recovery_days >= 1 && var.records_recovery_days <= 35
    error_message = "DynamoDB can restore tables for 1 to 35 days back."
  }
}
