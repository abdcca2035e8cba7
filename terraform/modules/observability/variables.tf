variable "name" {
  description = "Name of the dashboard and prefix of the alarms' names."
  type        = string
}

variable "region" {
  description = "Region of the metrics."
  type        = string
}

variable "functions" {
  description = "The functions to watch, by a short name."
  type = map(object({
    name      = string
    timeout_s = number
  }))
}

variable "api_id" {
  description = "The API to watch."
  type        = string
}

variable "queue_name" {
  description = "The queue to watch."
  type        = string
}

variable "dead_letter_queue_name" {
  description = "The dead-letter queue to watch."
  type        = string
}

variable "alarm_actions" {
  description = "ARNs of what an alarm notifies, such as SNS topics."
  type        = list(string)
}

variable "alarm_emails" {
  description = "E-mail addresses that alarms notify through a topic of their own."
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
