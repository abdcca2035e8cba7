# Who is told of changes.

variable "webhooks" {
  description = <<-EOT
    Where events are posted to, by a name: the https url, the types of events (by default all), how many requests a
    second at most, and the secret that every request carries in the header secret_header. secret_arn is the secret in
    AWS Secrets Manager whose text is the header's whole value, such as Bearer and a token; Terraform's state holds it.
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
