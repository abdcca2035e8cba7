variable "name" {
  description = "Name of the API."
  type        = string
}

variable "openapi_file" {
  description = "Path of the OpenAPI description from which the routes come."
  type        = string
}

variable "functions_by_tag" {
  description = "By tag, the function that serves the operations with this tag; under page, the function that serves the web page, if any."
  type = map(object({
    name       = string
    alias      = string
    invoke_arn = string
  }))
}

variable "jwt_issuer" {
  description = "Issuer whose tokens are accepted."
  type        = string
}

variable "jwt_audience" {
  description = "Client ids, one of which the token must name as aud (ID tokens) or client_id (access tokens)."
  type        = list(string)
}

variable "throttling" {
  description = "Maximum requests per second (rate) and at once (burst) to each route, over all callers."
  type        = object({ rate = number, burst = number })
}

variable "account_throttling" {
  description = "The same for the account routes that need no token."
  type        = object({ rate = number, burst = number })
}

variable "cors_origins" {
  description = "Web origins whose pages may call the API."
  type        = list(string)
}

variable "custom_domain" {
  description = "Domain name of the API with its certificate, and the Route 53 zone for its records."
  type = object({
    name            = string
    certificate_arn = string
    zone_id         = optional(string)
  })
  default = null
}

variable "log_retention_days" {
  description = "How many days access logs are kept."
  type        = number
}

variable "kms_key_arn" {
  description = "KMS key that encrypts the access logs; null for CloudWatch's own."
  type        = string
  default     = null
}

variable "detailed_metrics" {
  description = "Publish metrics of each route."
  type        = bool
  default     = false
}
