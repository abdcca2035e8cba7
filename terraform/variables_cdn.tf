# A content delivery network with a firewall before the API.

variable "cdn" {
  description = <<-EOT
    CloudFront with AWS WAF before the API, which then answers there alone; api_domain becomes the name by which
    CloudFront reaches it. domain is the public name, with a certificate of us-east-1 (zone_id lets Terraform make the
    DNS records); without it, CloudFront gives one. account_requests_per_address is what one address may ask in five
    minutes of the account routes that take no token.
  EOT
  type = object({
    domain = optional(object({
      name            = string
      certificate_arn = string
      zone_id         = optional(string)
    }))
    account_requests_per_address = optional(number, 100)
    price_class                  = optional(string, "PriceClass_All")
  })
  default = null

  validation {
    condition     = var.cdn == null || var.api_domain != null
    error_message = "Give the API its own name (api_domain), by which CloudFront reaches it: at AWS's address, it would be open to everybody."
  }

  validation {
    condition     = var.cdn == null || length(var.origin_secrets) > 0
    error_message = "A secret shows that a request came through CloudFront: set origin_secrets."
  }

  validation {
    condition     = try(var.cdn.domain.name != var.api_domain.name, true)
    error_message = "The public name and that of the API behind it must differ."
  }

  validation {
    condition     = can(regex("^arn:aws:acm:us-east-1:", try(coalesce(var.cdn.domain.certificate_arn), "arn:aws:acm:us-east-1:")))
    error_message = "CloudFront accepts only certificates of us-east-1."
  }

  validation {
    condition     = var.cdn == null || !can(regex("^(cn|us-gov|us-iso[a-z]?|eusc|eu-isoe)-", var.region))
    error_message = "cdn only works in the standard partition; put another network in front of the API, and set only origin_secrets."
  }
}

variable "origin_secrets" {
  description = <<-EOT
    Secrets of which every request to the API must have one in x-origin-secret: CloudFront sends the first. To change
    it, add the new one behind the old, apply, put it in front, apply, and remove the old. Give them as
    TF_VAR_origin_secrets, not in a file. Empty: requests may come from anywhere.
  EOT
  type        = list(string)
  default     = []
  sensitive   = true

  validation {
    condition     = alltrue([for secret in var.origin_secrets : can(regex("^[A-Za-z0-9_-]{32,128}$", secret))])
    error_message = "A secret has 32 to 128 letters, digits, hyphens and underscores."
  }
}
