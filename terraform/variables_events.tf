# Who receives events.

variable "webhooks" {
  description = <<-EOT
    URLs to which events are posted, by name: the https url, the types of events (by default all), the maximum rate of
    requests per second, and the secret that every request has in the header secret_header. secret_arn names a secret
    in AWS Secrets Manager whose text is the header's whole value, such as Bearer and a token. Terraform's state
    contains the value.
  EOT
  type = map(object({
    url             = string
    events          = optional(set(string))
    rate_per_second = optional(number, 10)
    secret_arn      = string
    secret_header   = optional(string, "Authorization")
  }))
  default  = {}
  nullable = false
}
