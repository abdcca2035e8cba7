variable "name" {
  description = "Name of the bus, and prefix of the rules' names."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]{1,56}$", var.name)) && var.name != "default"
    error_message = "Use 1 to 56 letters, digits, hyphens, dots and underscores: the names of rules, which are longer, may have 64."
  }
}

variable "publisher_role_arn" {
  description = "The only role that may publish on the bus."
  type        = string
}

variable "work_queue" {
  description = "The queue of the worker that settles images, and the dead-letter queue for events that cannot be sent to it."
  type = object({
    arn                   = string
    dead_letter_queue_arn = string
  })
}

variable "render_queue" {
  description = "The same for the worker that makes renditions."
  type = object({
    arn                   = string
    dead_letter_queue_arn = string
  })
}

variable "makes_renditions" {
  description = "Whether ready images are sent to the worker that makes renditions."
  type        = bool
  default     = true
}

variable "due_every_minutes" {
  description = "How often to look for work that is due."
  type        = number
  default     = 5

  validation {
    condition     = var.due_every_minutes >= 1 && var.due_every_minutes <= 60 && floor(var.due_every_minutes) == var.due_every_minutes
    error_message = "Use 1 to 60 whole minutes."
  }
}
