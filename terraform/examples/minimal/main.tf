# The modules in your own root module: accounts whose registration and permissions the triggers function decides, and a
# private bucket that notifies a queue of every object stored in it.

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  name        = "example"
  account_id  = data.aws_caller_identity.current.account_id
  bucket_name = "${local.name}-${local.account_id}-${var.region}"
}

module "triggers" {
  source = "../../modules/function"

  name    = "${local.name}-triggers"
  handler = "entrypoints.functions.triggers.handler"
  settings = {
    region             = var.region
    package            = var.functions_package
    architecture       = "arm64"
    runtime            = "python3.13"
    memory_mb          = 512
    timeout_s          = 5
    snap_start         = false
    tracing            = false
    log_retention_days = 30
  }
  environment = {
    REGISTRATION_ALLOWED_DOMAINS = "example.com"
    DEFAULT_PERMISSIONS          = "images:read"
  }
  statements = {}
}

module "auth" {
  source = "../../modules/auth"

  name             = local.name
  trigger_function = module.triggers
}

module "queue" {
  source = "../../modules/queue"

  name                       = "${local.name}-uploads"
  visibility_timeout_seconds = 300
  senders = {
    OnlyOurBucketSends = {
      service        = "s3.amazonaws.com"
      source_arn     = "arn:${data.aws_partition.current.partition}:s3:::${local.bucket_name}"
      source_account = local.account_id
    }
  }
}

module "storage" {
  source = "../../modules/storage"

  bucket_name  = local.bucket_name
  account_id   = local.account_id
  notification = { queue_arn = module.queue.arn, prefixes = ["users/"] }
}
