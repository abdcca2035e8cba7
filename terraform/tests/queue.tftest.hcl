# How events wait, are retried and given up.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name                       = "images-upload-test-uploads"
  visibility_timeout_seconds = 720
  max_receive_count          = 5
  senders = {
    Bucket = { service = "s3.amazonaws.com", source_arn = "arn:aws:s3:::images-upload-test", source_account = "123456789012" }
    Rule = {
      service           = "events.amazonaws.com"
      source_arn        = "arn:aws:events:eu-west-1:123456789012:rule/due"
      keeps_undelivered = true
    }
  }
}

run "queue" {
  module {
    source = "./modules/queue"
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.this.redrive_policy).maxReceiveCount == 5
    error_message = "An event is given up after five attempts."
  }

  assert {
    condition     = aws_sqs_queue.this.sqs_managed_sse_enabled && aws_sqs_queue.dead_letters.sqs_managed_sse_enabled
    error_message = "Messages are encrypted."
  }

  assert {
    condition     = aws_sqs_queue.dead_letters.message_retention_seconds > aws_sqs_queue.this.message_retention_seconds
    error_message = "A message keeps its age when it is given up: that queue must keep it longer."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_sqs_queue_policy.this.policy).Statement :
      [statement.Principal, statement.Condition] if statement.Effect == "Allow"
      ] == [
      [
        { Service = "s3.amazonaws.com" },
        {
          ArnEquals    = { "aws:SourceArn" = "arn:aws:s3:::images-upload-test" }
          StringEquals = { "aws:SourceAccount" = "123456789012" }
        },
      ],
      [
        { Service = "events.amazonaws.com" },
        { ArnEquals = { "aws:SourceArn" = "arn:aws:events:eu-west-1:123456789012:rule/due" } },
      ],
    ]
    error_message = "Only S3, for our bucket, and EventBridge, for our rule, may send."
  }

  assert {
    condition = anytrue([
      for statement in jsondecode(aws_sqs_queue_policy.this.policy).Statement :
      statement.Effect == "Deny" && try(statement.Condition.Bool["aws:SecureTransport"], null) == "false"
    ])
    error_message = "Plain HTTP is refused."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_sqs_queue_policy.dead_letters[0].policy).Statement :
      [statement.Effect, statement.Condition.Bool["aws:SecureTransport"], statement.Resource] if statement.Effect == "Deny"
    ] == [["Deny", "false", aws_sqs_queue.dead_letters.arn]]
    error_message = "The dead-letter queue refuses plain HTTP too."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_sqs_queue_policy.dead_letters[0].policy).Statement :
      [statement.Principal, statement.Resource] if statement.Effect == "Allow"
    ] == [[{ Service = "events.amazonaws.com" }, aws_sqs_queue.dead_letters.arn]]
    error_message = "Events that the rule could not deliver are kept there."
  }
}

run "key_of_our_own" {
  module {
    source = "./modules/queue"
  }

  variables {
    kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/mock"
  }

  assert {
    condition = (
      aws_sqs_queue.this.kms_master_key_id == "arn:aws:kms:eu-west-1:123456789012:key/mock" &&
      aws_sqs_queue.dead_letters.kms_master_key_id == "arn:aws:kms:eu-west-1:123456789012:key/mock"
    )
    error_message = "The key encrypts the messages of both queues."
  }
}
