# Who may publish events, and which work is sent to our own workers.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name               = "images-upload-test"
  publisher_role_arn = "arn:aws:iam::123456789012:role/events"
  work_queue = {
    arn                   = "arn:aws:sqs:eu-west-1:123456789012:work"
    dead_letter_queue_arn = "arn:aws:sqs:eu-west-1:123456789012:work-dead-letters"
  }
  render_queue = {
    arn                   = "arn:aws:sqs:eu-west-1:123456789012:render"
    dead_letter_queue_arn = "arn:aws:sqs:eu-west-1:123456789012:render-dead-letters"
  }
}

run "bus" {
  module {
    source = "./modules/events"
  }

  assert {
    condition = [
      for statement in jsondecode(aws_cloudwatch_event_bus_policy.this.policy).Statement :
      [statement.Effect, statement.Principal, statement.Action, statement.Resource, statement.Condition]
      ] == [[
        "Deny",
        "*",
        "events:PutEvents",
        aws_cloudwatch_event_bus.this.arn,
        { ArnNotEquals = { "aws:PrincipalArn" = "arn:aws:iam::123456789012:role/events" } },
    ]]
    error_message = "Only one role may publish."
  }
}

run "work" {
  module {
    source = "./modules/events"
  }

  assert {
    condition = (
      jsondecode(aws_cloudwatch_event_rule.this["deleted"].event_pattern) == { source = ["images-upload-api"], detail-type = ["image.deleted"] } &&
      aws_cloudwatch_event_rule.this["deleted"].event_bus_name == "images-upload-test"
    )
    error_message = "Our worker gets deleted images."
  }

  assert {
    condition     = aws_cloudwatch_event_target.work["deleted"].input == null
    error_message = "It gets the event as it is."
  }

  assert {
    condition = (
      aws_cloudwatch_event_rule.this["due"].schedule_expression == "rate(5 minutes)" &&
      aws_cloudwatch_event_rule.this["due"].event_bus_name == "default" &&
      jsondecode(aws_cloudwatch_event_target.work["due"].input) == { task = "queue-due-work" }
    )
    error_message = "Every five minutes it looks for what is due."
  }

  assert {
    condition = (
      jsondecode(aws_cloudwatch_event_rule.this["ready"].event_pattern) == { source = ["images-upload-api"], detail-type = ["image.ready"] } &&
      aws_cloudwatch_event_rule.this["ready"].event_bus_name == "images-upload-test"
    )
    error_message = "The worker that makes renditions gets ready images."
  }

  assert {
    condition = {
      for key, target in aws_cloudwatch_event_target.work : key => [target.arn, target.dead_letter_config[0].arn]
      } == {
      deleted = [var.work_queue.arn, var.work_queue.dead_letter_queue_arn]
      due     = [var.work_queue.arn, var.work_queue.dead_letter_queue_arn]
      ready   = [var.render_queue.arn, var.render_queue.dead_letter_queue_arn]
    }
    error_message = "Everything goes to its queue, or else to the dead-letter queue."
  }

  assert {
    condition     = alltrue([for target in aws_cloudwatch_event_target.work : target.role_arn == null])
    error_message = "The queues' policies allow it."
  }
}

run "no_renditions" {
  command = plan

  module {
    source = "./modules/events"
  }

  variables {
    makes_renditions = false
  }

  assert {
    condition     = toset(keys(aws_cloudwatch_event_rule.this)) == toset(["deleted", "due"])
    error_message = "Without renditions, ready images are sent to no worker."
  }
}

run "every_minute" {
  command = plan

  module {
    source = "./modules/events"
  }

  variables {
    due_every_minutes = 1
  }

  assert {
    condition     = aws_cloudwatch_event_rule.this["due"].schedule_expression == "rate(1 minute)"
    error_message = "EventBridge requires the singular."
  }
}

run "parts_of_minutes_are_refused" {
  command = plan

  module {
    source = "./modules/events"
  }

  variables {
    due_every_minutes = 0.5
  }

  expect_failures = [var.due_every_minutes]
}
