variable "name" {
  description = "Name of the function and its log group; with the region appended, name of its role."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,48}$", var.name))
    error_message = "Use 1 to 48 letters, digits, hyphens and underscores: with the region appended, the role's name may have 64."
  }
}

variable "handler" {
  description = "Python path of the handler."
  type        = string
}

variable "settings" {
  description = "How the function is packaged and run. reserved_concurrency null means unreserved; pinned_version null means the newest."
  type = object({
    region                   = string
    package                  = string
    architecture             = string
    runtime                  = string
    memory_mb                = number
    timeout_s                = number
    reserved_concurrency     = optional(number)
    ephemeral_storage_mb     = optional(number, 512)
    snap_start               = bool
    tracing                  = bool
    log_level                = optional(string, "INFO")
    log_retention_days       = number
    kms_key_arn              = optional(string)
    permissions_boundary_arn = optional(string)
    pinned_version           = optional(string)
  })

  validation {
    condition     = contains(["arm64", "x86_64"], var.settings.architecture)
    error_message = "The architecture must be arm64 or x86_64."
  }

  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR"], var.settings.log_level)
    error_message = "The log level must be DEBUG, INFO, WARNING or ERROR."
  }

  validation {
    condition     = var.settings.ephemeral_storage_mb >= 512 && var.settings.ephemeral_storage_mb <= 10240
    error_message = "Ephemeral storage must be 512 to 10240 MB."
  }
}

variable "environment" {
  description = "Environment variables; those that are null are omitted."
  type        = map(string)
  default     = {}
}

variable "secrets" {
  description = "More environment variables, whose values plans do not show."
  type        = map(string)
  default     = {}
}

variable "layers" {
  description = "ARNs of Lambda layers."
  type        = list(string)
  default     = []
}

variable "event_source" {
  description = "The queue whose messages invoke the function, if any."
  type = object({
    queue_arn           = string
    batch_size          = number
    maximum_concurrency = number
  })
  default = null
}

variable "stream_source" {
  description = <<-EOT
    The stream of a DynamoDB table whose records invoke the function, if any: those that match one of the filters
    (JSON). A record that fails is retried, and later records of the same item wait, until the record was tried too often
    or is too old. Lambda then writes it to an object under aws/lambda/ in the bucket.
  EOT
  type = object({
    stream_arn                 = string
    batch_size                 = number
    filters                    = list(string)
    maximum_retry_attempts     = number
    maximum_record_age_seconds = number
    failure_bucket_arn         = string
  })
  default = null

  validation {
    condition     = try(var.stream_source.maximum_retry_attempts >= 0 && var.stream_source.maximum_record_age_seconds >= 60, true)
    error_message = "The maximum number of attempts must be 0 to 10000, and the maximum age 60 to 604800 seconds."
  }
}

variable "statements" {
  description = "By statement id, what the role may do besides writing its own logs and traces."
  type = map(object({
    actions    = list(string)
    resources  = list(string)
    conditions = optional(map(map(list(string))), {})
  }))

  validation {
    condition     = alltrue([for statement in values(var.statements) : alltrue([for action in statement.actions : can(regex("^[a-z0-9-]+:[A-Za-z]+$", action))])])
    error_message = "Name each action in full, without wildcards."
  }

  validation {
    condition     = alltrue([for statement in values(var.statements) : alltrue([for resource in statement.resources : startswith(resource, "arn:")])])
    error_message = "Name each resource by its ARN."
  }
}
