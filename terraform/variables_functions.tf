# The functions: how they are packaged and run.

variable "architecture" {
  description = "Processor of the functions: arm64 (cheaper) or x86_64. The packages must be built for it."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "The architecture must be arm64 or x86_64."
  }
}

variable "runtime" {
  description = "Lambda runtime. The function package must be built for it."
  type        = string
  default     = "python3.13"

  validation {
    condition     = contains(["python3.11", "python3.12", "python3.13", "python3.14"], var.runtime)
    error_message = "The runtime must be python3.11, python3.12, python3.13 or python3.14."
  }
}

variable "functions_package" {
  description = "Path of the function package; null for dist/functions.zip as make package builds it."
  type        = string
  default     = null
}

variable "imagemagick" {
  description = <<-EOT
    Where identify comes from. By default, a layer is created from dist/imagemagick-<architecture>.zip, or from package.
    Otherwise, set layer_arn with the identify_path inside that layer (such as /opt/bin/identify), or with the home of a
    bundle like ours. Without a layer, home or identify_path must exist where the functions run, as with an emulator.
  EOT
  type = object({
    package       = optional(string)
    layer_arn     = optional(string)
    home          = optional(string)
    identify_path = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.imagemagick.layer_arn == null || var.imagemagick.home != null || var.imagemagick.identify_path != null
    error_message = "With layer_arn, set identify_path or home: where identify is in that layer."
  }

  validation {
    condition     = var.imagemagick.package == null || (var.imagemagick.layer_arn == null && var.imagemagick.home == null && var.imagemagick.identify_path == null)
    error_message = "With package, which our own layer is created from, set nothing else."
  }
}

variable "functions" {
  description = "Memory, timeout and, optionally, reserved concurrency of each function."
  type = object({
    users    = optional(object({ memory_mb = optional(number, 512), timeout_s = optional(number, 20), reserved_concurrency = optional(number) }), {})
    images   = optional(object({ memory_mb = optional(number, 1769), timeout_s = optional(number, 29), reserved_concurrency = optional(number) }), {})
    web      = optional(object({ memory_mb = optional(number, 512), timeout_s = optional(number, 10), reserved_concurrency = optional(number) }), {})
    ingest   = optional(object({ memory_mb = optional(number, 1769), timeout_s = optional(number, 900), reserved_concurrency = optional(number) }), {})
    render   = optional(object({ memory_mb = optional(number, 3008), timeout_s = optional(number, 120), reserved_concurrency = optional(number) }), {})
    events   = optional(object({ memory_mb = optional(number, 512), timeout_s = optional(number, 60), reserved_concurrency = optional(number) }), {})
    triggers = optional(object({ memory_mb = optional(number, 512), timeout_s = optional(number, 5), reserved_concurrency = optional(number) }), {})
  })
  default  = {}
  nullable = false

  validation {
    condition = alltrue([
      for function in values(var.functions) : function.memory_mb >= 128 && function.memory_mb <= 10240
    ])
    error_message = "Memory must be 128 to 10240 MB."
  }

  validation {
    condition     = alltrue([for function in [var.functions.users, var.functions.images, var.functions.web] : function.timeout_s <= 30])
    error_message = "The timeout must be at most 30 seconds: API Gateway does not wait longer."
  }

  validation {
    condition     = var.functions.triggers.timeout_s <= 5
    error_message = "The timeout must be at most 5 seconds: Cognito does not wait longer for a trigger."
  }

  validation {
    condition     = alltrue([for function in [var.functions.ingest, var.functions.render, var.functions.events] : function.timeout_s <= 900])
    error_message = "The timeout must be at most 900 seconds: Lambda does not run longer."
  }
}

variable "ingest_concurrency" {
  description = "How many messages of the work queue are processed at the same time."
  type        = number
  default     = 20

  validation {
    condition     = var.ingest_concurrency >= 2 && var.ingest_concurrency <= 1000
    error_message = "The concurrency must be 2 to 1000."
  }
}

variable "render_concurrency" {
  description = "How many images are rendered at the same time."
  type        = number
  default     = 20

  validation {
    condition     = var.render_concurrency >= 2 && var.render_concurrency <= 1000
    error_message = "The concurrency must be 2 to 1000."
  }
}

variable "due_every_minutes" {
  description = "How often to look for work that is due: unfinished uploads and interrupted deletions."
  type        = number
  default     = 5

  validation {
    condition     = var.due_every_minutes >= 1 && var.due_every_minutes <= 60 && floor(var.due_every_minutes) == var.due_every_minutes
    error_message = "Use 1 to 60 whole minutes."
  }
}

variable "max_receive_count" {
  description = "How often reading or rendering an image is tried before its message goes to the dead-letter queue."
  type        = number
  default     = 5

  validation {
    condition     = var.max_receive_count >= 5 && var.max_receive_count <= 1000
    error_message = "Use 5 to 1000: scaling by Lambda alone can use up several receives of a message."
  }
}

variable "snap_start" {
  description = "Start the functions that clients wait for from a snapshot, for shorter cold starts (python3.12 and later)."
  type        = bool
  default     = false

  validation {
    condition     = !var.snap_start || var.runtime != "python3.11"
    error_message = "SnapStart needs python3.12 or later."
  }
}

variable "pinned_versions" {
  description = "Published version to use instead of the newest one, by function; for rolling back."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for function, version in var.pinned_versions : contains(["users", "images", "web", "ingest", "render", "events", "triggers"], function) && can(regex("^[0-9]+$", version))])
    error_message = "Map users, images, web, ingest, render, events or triggers to a version number."
  }
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of the functions' roles, if the organisation requires one."
  type        = string
  default     = null
}
