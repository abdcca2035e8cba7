variable "name" {
  description = "Name of the dashboard and prefix of the alarms' names."
  type        = string
}

variable "region" {
  description = "Region of the metrics."
  type        = string
}

variable "functions" {
  description = "The functions to watch, by short name; must include users, images, ingest and events."
  type = map(object({
    name      = string
    timeout_s = number
  }))
}

variable "api_id" {
  description = "The API to watch."
  type        = string
}

variable "queues" {
  description = "The queues to watch, each with its dead-letter queue."
  type = object({
    uploads = object({ name = string, dead_letter_queue_name = string })
    render  = object({ name = string, dead_letter_queue_name = string })
  })
}

variable "table" {
  description = "The table to watch, with its indexes."
  type = object({
    name        = string
    index_names = list(string)
  })
}

variable "stream" {
  description = "The function that reads the table's stream, and the id of its event source mapping."
  type = object({
    function_name = string
    source_id     = string
  })
}

variable "rules" {
  description = "The EventBridge rules to watch, by short name."
  type = map(object({
    name = string
    bus  = string
  }))
}

variable "undelivered_queues" {
  description = "The queues of events that could not be delivered, by webhook."
  type        = map(string)
  default     = {}
}

variable "alarm_actions" {
  description = "ARNs of the targets that alarms notify, such as SNS topics."
  type        = list(string)
}

variable "alarm_emails" {
  description = "E-mail addresses that alarms notify through a separate topic."
  type        = set(string)
}

variable "kms_key_arn" {
  description = "KMS key that encrypts the topic; null for none."
  type        = string
  default     = null
}

variable "api_latency_ms" {
  description = "The latency that 95 % of the requests must stay below."
  type        = number
}

variable "denied_sign_ins" {
  description = "How many sign-ins with a wrong password within five minutes raise an alarm."
  type        = number
}

variable "due_every_minutes" {
  description = "How often, in minutes, the schedule looks for due work."
  type        = number
}
