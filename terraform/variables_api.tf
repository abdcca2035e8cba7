# What the API accepts, from whom, and its domain name.

variable "limits" {
  description = "Size limits of images that are sent through the API, straight to S3 or in parts, limits on pixels, and how long links are valid."
  type = object({
    max_small_upload_bytes     = optional(number, 4194304)
    max_direct_upload_bytes    = optional(number, 52428800)
    max_multipart_upload_bytes = optional(number, 1073741824)
    max_pixels                 = optional(number, 250000000)
    max_side_px                = optional(number, 65535)
    content_link_ttl_s         = optional(number, 300)
    upload_link_ttl_s          = optional(number, 900)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.limits.max_small_upload_bytes >= 1 && var.limits.max_small_upload_bytes <= 4500000
    error_message = "Lambda accepts 6 MB including Base64, so an image may have at most 4500000 bytes."
  }

  validation {
    condition = alltrue([
      for bytes in [var.limits.max_direct_upload_bytes, var.limits.max_multipart_upload_bytes] : bytes >= 1 && bytes <= 5368709120
    ])
    error_message = "S3 can store or copy at most 5 GB (5368709120 bytes) at once."
  }

  validation {
    condition     = var.limits.max_pixels >= 1 && var.limits.max_side_px >= 1
    error_message = "The limits on pixels must be positive."
  }

  validation {
    condition     = var.limits.content_link_ttl_s >= 1 && var.limits.content_link_ttl_s <= 1200
    error_message = "A link to content must be valid for 1 to 1200 seconds."
  }

  validation {
    condition     = var.limits.upload_link_ttl_s >= 60 && var.limits.upload_link_ttl_s <= 3600
    error_message = "A link for uploading must be valid for 60 to 3600 seconds."
  }
}

variable "quotas" {
  description = "How many images and bytes a user may have (null: unlimited), and how many unfinished uploads at the same time."
  type = object({
    max_images_per_user          = optional(number)
    max_bytes_per_user           = optional(number)
    max_pending_uploads_per_user = optional(number, 100)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for quota in values(var.quotas) : try(quota >= 1, true)])
    error_message = "A quota must be at least 1, or null for unlimited."
  }
}

variable "duplicates" {
  description = "What happens to an image with the same bytes as another one of the same owner: report marks it, reject refuses it."
  type        = string
  default     = "report"

  validation {
    condition     = contains(["report", "reject"], var.duplicates)
    error_message = "The value must be report or reject."
  }
}

variable "renditions" {
  description = "The smaller pictures that are made of each image: by name, the maximum length of the longer side in pixels. {} for none."
  type        = map(number)
  default = {
    thumbnail = 320
    preview   = 1600
  }
  nullable = false

  validation {
    condition     = length(var.renditions) <= 5
    error_message = "There may be at most 5 renditions."
  }

  validation {
    condition     = alltrue([for name in keys(var.renditions) : can(regex("^[a-z][a-z0-9-]{0,31}$", name))])
    error_message = "A rendition's name must have 1 to 32 lower-case letters, digits and hyphens, beginning with a letter."
  }

  validation {
    condition     = alltrue([for side in values(var.renditions) : side >= 1 && side <= 4096 && floor(side) == side])
    error_message = "The longer side of a rendition must have 1 to 4096 pixels."
  }
}

variable "location" {
  description = "Whether the position in a file is recorded (keep), or stays in the original only, which its owner alone can read (drop). Applies to new uploads."
  type        = string
  default     = "keep"

  validation {
    condition     = contains(["keep", "drop"], var.location)
    error_message = "The value must be keep or drop."
  }
}

variable "allow_camera_raw" {
  description = "Accept camera raw files that are TIFFs (DNG, NEF, CR2...), with their preview as the image."
  type        = bool
  default     = true
}

variable "metadata_limits" {
  description = "Limits on reading metadata that differ from the defaults, by their names in docs/metadata.md."
  type        = map(number)
  default     = {}
}

variable "identify_limits" {
  description = "Limits on one run of identify that differ from the defaults, by the names in docs/metadata.md."
  type        = map(number)
  default     = {}
}

variable "throttling" {
  description = "Maximum requests per second (rate) and at once (burst) to each route, over all callers."
  type        = object({ rate = number, burst = number })
  default     = { rate = 100, burst = 200 }

  validation {
    condition     = var.throttling.rate > 0 && var.throttling.burst > 0
    error_message = "Both must be positive: 0 would refuse every request."
  }
}

variable "account_throttling" {
  description = "The same for the account routes that take no token: registration, log-in, codes, passwords."
  type        = object({ rate = number, burst = number })
  default     = { rate = 10, burst = 20 }

  validation {
    condition     = var.account_throttling.rate > 0 && var.account_throttling.burst > 0
    error_message = "Both must be positive: 0 would refuse every request."
  }

  validation {
    condition     = var.account_throttling.rate <= var.throttling.rate && var.account_throttling.burst <= var.throttling.burst
    error_message = "The account routes must not be throttled less than the others."
  }
}

variable "cors_origins" {
  description = "Web origins whose pages may call the API and upload to the bucket, such as https://app.example.com."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.cors_origins : can(regex("^https?://[^/*]+$", origin))])
    error_message = "Name each origin with its scheme, without a path and without a wildcard."
  }
}

variable "api_domain" {
  description = "Domain name of the API with an ACM certificate in this region. With zone_id, Terraform creates the DNS records."
  type = object({
    name            = string
    certificate_arn = string
    zone_id         = optional(string)
  })
  default = null
}

variable "docs_page" {
  description = "Show the API's documentation at /docs."
  type        = bool
  default     = true
}

variable "web_page" {
  description = "Serve the web page at /."
  type        = bool
  default     = true
}
