variable "region" {
  description = "AWS region."
  type        = string
  default     = "eu-central-1"

  validation {
    condition     = can(regex("^[a-z]{2,4}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "Give a region such as eu-west-1."
  }
}

variable "functions_package" {
  description = "Path of the functions' package, as make package builds it."
  type        = string
  default     = "../../../dist/functions.zip"

  validation {
    condition     = endswith(var.functions_package, ".zip")
    error_message = "Give the path of a zip file."
  }
}
