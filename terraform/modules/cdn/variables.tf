variable "name" {
  description = "Name of the distribution, its firewall and its log group."
  type        = string
}

variable "origin" {
  description = "The API's own domain name, and the secret that is sent to it with each request."
  type = object({
    domain_name = string
    secret      = string
  })
}

variable "routes" {
  description = "Each route of the API with its tag, whether it needs a token, and whether its body is not JSON."
  type = map(object({
    tag         = string
    secured     = bool
    takes_bytes = optional(bool, false)
  }))
}

variable "domain" {
  description = "The public domain name with its certificate in us-east-1, and the Route 53 zone for its records; null for a name that CloudFront assigns."
  type = object({
    name            = string
    certificate_arn = string
    zone_id         = optional(string)
  })
  default = null
}

variable "account_requests_per_address" {
  description = "How many requests to the public account routes one address may make in five minutes."
  type        = number
  default     = 100

  validation {
    condition     = var.account_requests_per_address >= 10
    error_message = "WAF needs a limit of at least 10 requests."
  }
}

variable "price_class" {
  description = "The locations from which CloudFront serves: PriceClass_100 (North America, Europe), PriceClass_200 or PriceClass_All."
  type        = string
  default     = "PriceClass_All"

  validation {
    condition     = contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], var.price_class)
    error_message = "The value must be PriceClass_100, PriceClass_200 or PriceClass_All."
  }
}

variable "log_retention_days" {
  description = "How many days the firewall's log of refused requests is kept."
  type        = number
  default     = 30
}
