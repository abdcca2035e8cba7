# A content delivery network with a firewall in front of the API.

variable "cdn" {
  description = <<-EOT
    CloudFront with AWS WAF in front of the API, which then only responds through it; api_domain becomes the name by
    which CloudFront reaches the API. domain is the public name, with a certificate in us-east-1 (with zone_id, Terraform
    creates the DNS records); without domain, CloudFront assigns a name. account_requests_per_address is how many
    requests one IP address may send to the account routes without a token in five minutes.
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
    error_message = "Set api_domain, the name by which CloudFront reaches the API: at its default address, the API would be open to everybody."
  }

  validation {
    condition     = var.cdn == null || length(var.origin_secrets) > 0
    error_message = "Set origin_secrets: the secret shows that a request came through CloudFront."
  }

  validation {
    condition     = try(var.cdn.domain.name != var.api_domain.name, true)
    error_message = "The public domain name must differ from that of the API behind CloudFront."
  }

  validation {
    condition     = can(regex("^arn:aws:acm:us-east-1:", try(coalesce(var.cdn.domain.certificate_arn), "arn:aws:acm:us-east-1:")))
    error_message = "CloudFront only accepts certificates in us-east-1."
  }

  validation {
    condition     = var.cdn == null || !can(regex("^(cn|us-gov|us-iso[a-z]?|eusc|eu-isoe)-", var.region))
    error_message = "cdn only works in AWS's standard partition. Put another network in front of the API, and only set origin_secrets."
  }
}

variable "origin_secrets" {
  description = <<-EOT
    Secrets, one of which every request to the API must have in x-origin-secret; CloudFront sends the first. To rotate
    it, add the new one after the old one and apply, move it to the front and apply, then remove the old one. Set them
    as TF_VAR_origin_secrets, not in a file. Empty: requests may come from anywhere.
  EOT
  type        = list(string)
  default     = []
  sensitive   = true

  validation {
    condition     = alltrue([for secret in var.origin_secrets : can(regex("^[A-Za-z0-9_-]{32,128}$", secret))])
    error_message = "A secret must have 32 to 128 letters, digits, hyphens and underscores."
  }
}
