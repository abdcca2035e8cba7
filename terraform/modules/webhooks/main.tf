# Posts events from the bus to URLs outside AWS. EventBridge sends them and retries for a day; undelivered events wait
# in a separate queue for each URL.

locals {
  # The same value as in src/adapters/eventbridge/event_bus.py.
  source = "images-upload-api"

  # Without a customer-managed key, SQS encrypts with a key that it manages.
  managed_encryption = var.kms_key_arn == null

  names = { for key in keys(var.webhooks) : key => "${var.name}-webhook-${key}" }
}

# The provider has no write-only argument for the value, so Terraform's state contains it.
data "aws_secretsmanager_secret_version" "this" {
  for_each = var.webhooks

  secret_id = each.value.secret_arn
}

resource "aws_cloudwatch_event_connection" "this" {
  for_each = var.webhooks

  name               = local.names[each.key]
  description        = "The secret by which ${each.key} recognises EventBridge."
  authorization_type = "API_KEY"

  auth_parameters {
    api_key {
      key   = each.value.secret_header
      value = data.aws_secretsmanager_secret_version.this[each.key].secret_string
    }
  }
}

resource "aws_cloudwatch_event_api_destination" "this" {
  for_each = var.webhooks

  name                             = local.names[each.key]
  description                      = "The URL at which ${each.key} receives events."
  invocation_endpoint              = each.value.url
  http_method                      = "POST"
  invocation_rate_limit_per_second = each.value.rate_per_second
  connection_arn                   = aws_cloudwatch_event_connection.this[each.key].arn
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = var.webhooks

  name           = local.names[each.key]
  description    = "Events for ${each.key}."
  event_bus_name = var.bus_name
  event_pattern = jsonencode(merge(
    { source = [local.source] },
    each.value.events == null ? {} : { detail-type = sort(each.value.events) },
  ))
}

resource "aws_cloudwatch_event_target" "this" {
  for_each = var.webhooks

  rule           = aws_cloudwatch_event_rule.this[each.key].name
  event_bus_name = var.bus_name
  target_id      = "webhook"
  arn            = aws_cloudwatch_event_api_destination.this[each.key].arn
  role_arn       = aws_iam_role.this[each.key].arn

  # The maximum that EventBridge offers.
  retry_policy {
    maximum_event_age_in_seconds = 86400
    maximum_retry_attempts       = 185
  }

  dead_letter_config {
    arn = aws_sqs_queue.undelivered[each.key].arn
  }

  depends_on = [aws_iam_role_policy.this, aws_sqs_queue_policy.undelivered]
}

resource "aws_iam_role" "this" {
  for_each = var.webhooks

  # Roles are global in the account, webhooks regional.
  name                 = "${local.names[each.key]}-${var.region}"
  description          = "Lets EventBridge post events to ${each.key}."
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "events.amazonaws.com" }
      Condition = { ArnEquals = { "aws:SourceArn" = aws_cloudwatch_event_rule.this[each.key].arn } }
    }]
  })

  lifecycle {
    precondition {
      condition     = length("${local.names[each.key]}-${var.region}") <= 64
      error_message = "${local.names[each.key]}-${var.region} is too long for the name of a role, which may have 64 characters. Shorten the webhook's name."
    }
  }
}

resource "aws_iam_role_policy" "this" {
  for_each = var.webhooks

  name = "post"
  role = aws_iam_role.this[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Post"
      Effect   = "Allow"
      Action   = ["events:InvokeApiDestination"]
      Resource = [aws_cloudwatch_event_api_destination.this[each.key].arn]
    }]
  })
}

resource "aws_sqs_queue" "undelivered" {
  for_each = var.webhooks

  name                      = "${local.names[each.key]}-undelivered"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = local.managed_encryption ? true : null
  kms_master_key_id         = var.kms_key_arn
}

resource "aws_sqs_queue_policy" "undelivered" {
  for_each = var.webhooks

  queue_url = aws_sqs_queue.undelivered[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid       = "OnlyItsRuleSends"
        Effect    = "Allow"
        Action    = "sqs:SendMessage"
        Principal = { Service = "events.amazonaws.com" }
        Resource  = aws_sqs_queue.undelivered[each.key].arn
        Condition = { ArnEquals = { "aws:SourceArn" = aws_cloudwatch_event_rule.this[each.key].arn } }
      }],
      var.tls_only ? [{
        Sid       = "OnlyOverTls"
        Effect    = "Deny"
        Action    = "sqs:*"
        Principal = "*"
        Resource  = aws_sqs_queue.undelivered[each.key].arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }] : [],
    )
  })
}
