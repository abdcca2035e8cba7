# A function that reacts to image.ready and image.deleted: a rule on the bus sends them to a queue, whose messages
# invoke the function. Messages that fail are retried, and finally kept in the dead-letter queue.

provider "aws" {
  region = var.region
}

data "aws_partition" "current" {}

locals {
  bucket_arn = "arn:${data.aws_partition.current.partition}:s3:::${var.bucket}"
}

resource "aws_cloudwatch_event_rule" "photos" {
  name           = "${var.name}-photos"
  description    = "Events for the catalogue of photos."
  event_bus_name = var.event_bus
  event_pattern = jsonencode({
    source      = ["images-upload-api"]
    detail-type = ["image.ready", "image.deleted"]
  })
}

resource "aws_cloudwatch_event_target" "queue" {
  rule           = aws_cloudwatch_event_rule.photos.name
  event_bus_name = var.event_bus
  target_id      = "queue"
  arn            = module.queue.arn

  dead_letter_config {
    arn = module.queue.dead_letter_queue_arn
  }
}

module "queue" {
  source = "../../modules/queue"

  name                       = "${var.name}-photos"
  visibility_timeout_seconds = 180
  senders = {
    OnlyOurRuleSends = {
      service           = "events.amazonaws.com"
      source_arn        = aws_cloudwatch_event_rule.photos.arn
      keeps_undelivered = true
    }
  }
}

resource "aws_dynamodb_table" "catalogue" {
  # checkov:skip=CKV_AWS_119:DynamoDB encrypts with its own key.

  name         = var.name
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "image_id"

  attribute {
    name = "image_id"
    type = "S"
  }

  ttl {
    enabled        = true
    attribute_name = "expires_at"
  }

  point_in_time_recovery {
    enabled = true
  }
}

module "catalogue" {
  source = "../../modules/function"

  name    = var.name
  handler = "catalogue.handler"
  settings = {
    region             = var.region
    package            = var.package
    architecture       = "arm64"
    runtime            = "python3.13"
    memory_mb          = 256
    timeout_s          = 30
    snap_start         = false
    tracing            = false
    log_retention_days = 30
  }
  environment = {
    CATALOGUE_TABLE = aws_dynamodb_table.catalogue.name
    IMAGES_BUCKET   = var.bucket
  }
  event_source = {
    queue_arn           = module.queue.arn
    batch_size          = 10
    maximum_concurrency = 2
  }
  statements = {
    ReceiveEvents = {
      actions   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
      resources = [module.queue.arn]
    }
    ReadMetadata = {
      actions   = ["s3:GetObject"]
      resources = ["${local.bucket_arn}/users/*/metadata.json"]
    }
    # Without it, S3 responds with "access denied" rather than "not found" for a deleted image.
    SeeWhatIsMissing = {
      actions    = ["s3:ListBucket"]
      resources  = [local.bucket_arn]
      conditions = { StringLikeIfExists = { "s3:prefix" = ["users/*"] } }
    }
    KeepCatalogue = {
      actions   = ["dynamodb:PutItem"]
      resources = [aws_dynamodb_table.catalogue.arn]
    }
  }
}
