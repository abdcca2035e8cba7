# A work queue and its dead-letter queue.

locals {
  # Without a customer-managed key, SQS encrypts with a key that it manages.
  managed_encryption = var.kms_key_arn == null

  only_over_tls = {
    Sid       = "OnlyOverTls"
    Effect    = "Deny"
    Action    = "sqs:*"
    Principal = "*"
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  }

  sending = [
    for sid, sender in var.senders : {
      Sid       = sid
      Effect    = "Allow"
      Action    = "sqs:SendMessage"
      Principal = { Service = sender.service }
      Resource  = aws_sqs_queue.this.arn
      Condition = merge(
        { ArnEquals = { "aws:SourceArn" = sender.source_arn } },
        sender.source_account == null ? {} : { StringEquals = { "aws:SourceAccount" = sender.source_account } },
      )
    }
  ]
  # Services that keep what they could not deliver send it to the dead-letter queue.
  sending_dead_letters = [
    for statement in local.sending : merge(statement, { Resource = aws_sqs_queue.dead_letters.arn })
    if var.senders[statement.Sid].keeps_undelivered
  ]
}

resource "aws_sqs_queue" "dead_letters" {
  name                      = "${var.name}-dead-letters"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = local.managed_encryption ? true : null
  kms_master_key_id         = var.kms_key_arn
}

resource "aws_sqs_queue" "this" {
  name                       = var.name
  visibility_timeout_seconds = var.visibility_timeout_seconds
  message_retention_seconds  = 345600
  receive_wait_time_seconds  = 20
  sqs_managed_sse_enabled    = local.managed_encryption ? true : null
  kms_master_key_id          = var.kms_key_arn

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = var.max_receive_count
  })
}

resource "aws_sqs_queue_redrive_allow_policy" "dead_letters" {
  queue_url = aws_sqs_queue.dead_letters.id
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.this.arn]
  })
}

resource "aws_sqs_queue_policy" "this" {
  queue_url = aws_sqs_queue.this.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.sending, var.tls_only ? [merge(local.only_over_tls, { Resource = aws_sqs_queue.this.arn })] : [])
  })
}

resource "aws_sqs_queue_policy" "dead_letters" {
  count = length(local.sending_dead_letters) > 0 || var.tls_only ? 1 : 0

  queue_url = aws_sqs_queue.dead_letters.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      local.sending_dead_letters,
      var.tls_only ? [merge(local.only_over_tls, { Resource = aws_sqs_queue.dead_letters.arn })] : [],
    )
  })
}
