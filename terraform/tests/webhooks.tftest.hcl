# Which events are posted where, with which permissions, and what happens to undelivered ones.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name     = "images-upload-test"
  region   = "eu-west-1"
  bus_name = "images-upload-test"
  webhooks = {
    archive = {
      url        = "https://archive.example.com/events?source=images"
      events     = ["image.ready", "image.deleted"]
      secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:archive-AbCdEf"
    }
    billing = {
      url             = "https://billing.example.com"
      rate_per_second = 2
      secret_arn      = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:billing-AbCdEf"
      secret_header   = "x-api-key"
    }
  }
}

run "webhooks" {
  module {
    source = "./modules/webhooks"
  }

  assert {
    condition = { for key, rule in aws_cloudwatch_event_rule.this : key => [rule.event_bus_name, jsondecode(rule.event_pattern)] } == {
      archive = ["images-upload-test", { source = ["images-upload-api"], detail-type = ["image.deleted", "image.ready"] }]
      billing = ["images-upload-test", { source = ["images-upload-api"] }]
    }
    error_message = "Each gets the chosen types of events, or all, and only those of this API."
  }

  assert {
    condition = {
      for key, destination in aws_cloudwatch_event_api_destination.this :
      key => [destination.invocation_endpoint, destination.http_method, destination.invocation_rate_limit_per_second]
      } == {
      archive = ["https://archive.example.com/events?source=images", "POST", 10]
      billing = ["https://billing.example.com", "POST", 2]
    }
    error_message = "Events are posted to the URL, at most at its rate."
  }

  assert {
    condition = alltrue([
      for key, target in aws_cloudwatch_event_target.this :
      target.arn == aws_cloudwatch_event_api_destination.this[key].arn &&
      target.rule == aws_cloudwatch_event_rule.this[key].name &&
      target.role_arn == aws_iam_role.this[key].arn &&
      target.input == null && length(target.input_transformer) == 0
    ])
    error_message = "They are posted as they are."
  }

  assert {
    condition = alltrue([
      for key, target in aws_cloudwatch_event_target.this :
      target.retry_policy[0].maximum_event_age_in_seconds == 86400 &&
      target.retry_policy[0].maximum_retry_attempts == 185 &&
      target.dead_letter_config[0].arn == aws_sqs_queue.undelivered[key].arn
    ])
    error_message = "They are retried for a day, and then kept."
  }

  assert {
    condition     = output.undelivered_queue_names == { archive = "images-upload-test-webhook-archive-undelivered", billing = "images-upload-test-webhook-billing-undelivered" }
    error_message = "Each has its own queue."
  }

  assert {
    condition = nonsensitive({
      for key, connection in aws_cloudwatch_event_connection.this :
      key => [connection.authorization_type, connection.auth_parameters[0].api_key[0].key, connection.auth_parameters[0].api_key[0].value]
      }) == {
      archive = ["API_KEY", "Authorization", "Bearer mock"]
      billing = ["API_KEY", "x-api-key", "Bearer mock"]
    }
    error_message = "Each request has the secret."
  }

  assert {
    condition     = { for key, secret in data.aws_secretsmanager_secret_version.this : key => secret.secret_id } == { for key, webhook in var.webhooks : key => webhook.secret_arn }
    error_message = "The secret is the one in Secrets Manager."
  }

  assert {
    condition     = !issensitive(output.webhooks) && !strcontains(jsonencode(output.webhooks), "Bearer") && output.webhooks["billing"].secret_arn == var.webhooks["billing"].secret_arn
    error_message = "Outputs have the secret's ARN, never its value."
  }

  assert {
    condition = alltrue([
      for key, policy in aws_iam_role_policy.this : jsondecode(policy.policy).Statement == [{
        Sid      = "Post"
        Effect   = "Allow"
        Action   = ["events:InvokeApiDestination"]
        Resource = [aws_cloudwatch_event_api_destination.this[key].arn]
      }]
    ])
    error_message = "A role may post to its URL, and nothing else."
  }

  assert {
    condition = alltrue([
      for key, role in aws_iam_role.this : [
        for statement in jsondecode(role.assume_role_policy).Statement : [statement.Principal, statement.Condition]
      ] == [[{ Service = "events.amazonaws.com" }, { ArnEquals = { "aws:SourceArn" = aws_cloudwatch_event_rule.this[key].arn } }]]
    ])
    error_message = "EventBridge can only assume it for its rule."
  }

  assert {
    condition     = aws_iam_role.this["archive"].name == "images-upload-test-webhook-archive-eu-west-1"
    error_message = "One account can hold two regions."
  }

  assert {
    condition = alltrue([
      for key, policy in aws_sqs_queue_policy.undelivered : [
        for statement in jsondecode(policy.policy).Statement : [statement.Effect, statement.Action, statement.Resource, statement.Condition]
        ] == [
        ["Allow", "sqs:SendMessage", aws_sqs_queue.undelivered[key].arn, { ArnEquals = { "aws:SourceArn" = aws_cloudwatch_event_rule.this[key].arn } }],
        ["Deny", "sqs:*", aws_sqs_queue.undelivered[key].arn, { Bool = { "aws:SecureTransport" = "false" } }],
      ]
    ])
    error_message = "Only its rule may send to its queue, over TLS."
  }

  assert {
    condition     = alltrue([for queue in aws_sqs_queue.undelivered : queue.message_retention_seconds == 1209600 && queue.sqs_managed_sse_enabled])
    error_message = "Events are kept for two weeks, encrypted."
  }
}

run "a_key_of_our_own" {
  module {
    source = "./modules/webhooks"
  }

  variables {
    kms_key_arn              = "arn:aws:kms:eu-west-1:123456789012:key/mock"
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
  }

  assert {
    condition     = alltrue([for queue in aws_sqs_queue.undelivered : queue.kms_master_key_id == "arn:aws:kms:eu-west-1:123456789012:key/mock"])
    error_message = "It encrypts undelivered events."
  }

  assert {
    condition     = alltrue([for role in aws_iam_role.this : role.permissions_boundary == "arn:aws:iam::123456789012:policy/boundary"])
    error_message = "The organisation's boundary applies to these roles too."
  }
}

run "names_of_roles_that_are_too_long_are_refused" {
  command = plan

  module {
    source = "./modules/webhooks"
  }

  variables {
    name   = "a-project-20-letters-production"
    region = "ap-southeast-1"
    webhooks = {
      a-webhook-with-a-long-na = {
        url        = "https://example.com"
        secret_arn = "arn:aws:secretsmanager:ap-southeast-1:123456789012:secret:long-AbCdEf"
      }
    }
  }

  expect_failures = [aws_iam_role.this]
}

# Values that would send events, or the secret, to the wrong place are refused.

run "plain_http_is_refused" {
  command = plan

  module {
    source = "./modules/webhooks"
  }

  variables {
    webhooks = {
      "archive" = {
        url        = "http://archive.example.com"
        secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:archive-AbCdEf"
      }
    }
  }

  expect_failures = [var.webhooks]
}

run "unknown_events_are_refused" {
  command = plan

  module {
    source = "./modules/webhooks"
  }

  variables {
    webhooks = {
      "archive" = {
        url        = "https://archive.example.com"
        secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:archive-AbCdEf"
        events     = ["image.redy"]
      }
    }
  }

  expect_failures = [var.webhooks]
}

run "more_requests_than_eventbridge_sends_are_refused" {
  command = plan

  module {
    source = "./modules/webhooks"
  }

  variables {
    webhooks = {
      "archive" = {
        url             = "https://archive.example.com"
        secret_arn      = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:archive-AbCdEf"
        rate_per_second = 301
      }
    }
  }

  expect_failures = [var.webhooks]
}

run "secrets_themselves_are_refused" {
  command = plan

  module {
    source = "./modules/webhooks"
  }

  variables {
    webhooks = {
      "archive" = {
        url        = "https://archive.example.com"
        secret_arn = "Bearer 0123456789"
      }
    }
  }

  expect_failures = [var.webhooks]
}
