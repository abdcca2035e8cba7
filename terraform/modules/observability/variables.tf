variable "name" {
  description = "Name of the dashboard and prefix of the alarms' names."
  type        = string
}

variable "region" {
  description = "Region of the metrics."
  type        = string
}

variable "functions" {
  description = "The functions to watch, by a short name; users, images, ingest and events among them."
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
  description = "The queues to watch, each with that of its dead letters."
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
  description = "The rules of EventBridge to watch, by a short name."
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
  description = "ARNs of what an alarm notifies, such as SNS topics."
  type        = list(string)
}

variable "alarm_emails" {
  description = "E-mail addresses that alarms notify through a separate topic."
  type        = set(string)
}

variable "kms_key_arn" {
  description = "Key that encrypts the topic; null for none."
  type        = string
  default     = null
}

variable "api_latency_ms" {
  description = "What 95 % of the requests must stay below."
  type        = number
}

variable "denied_sign_ins" {
  description = "How many wrong passwords in five minutes raise an alarm."
  type        = number
}

variable "due_every_minutes" {
  description = "How often due work is looked for."
  type        = number
}
