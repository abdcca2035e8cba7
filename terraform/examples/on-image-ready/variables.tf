variable "region" {
  description = "AWS region of the API."
  type        = string
  default     = "eu-central-1"

  validation {
    condition     = can(regex("^[a-z]{2,4}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "Give a region such as eu-west-1."
  }
}

variable "name" {
  description = "Name of the function, the table and the other resources."
  type        = string
  default     = "photo-catalogue"
}

variable "event_bus" {
  description = "Name of the bus: the API's output event_bus."
  type        = string
}

variable "bucket" {
  description = "Name of the bucket: the API's output bucket."
  type        = string
}

variable "package" {
  description = "Path of a zip file with catalogue.py: zip catalogue.zip catalogue.py."
  type        = string
  default     = "catalogue.zip"
}
