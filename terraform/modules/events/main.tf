# The event bus, and the rules that send work to our own workers: deleted images, ready images, and, every few minutes,
# the request to look for due work.

locals {
  # The same values as in src/adapters/eventbridge/event_bus.py and src/adapters/sqs/work_queue.py.
  source      = "images-upload-api"
  due_message = jsonencode({ task = "queue-due-work" })

  # What is sent to which queue, when, and from which bus.
  rules = merge(local.work_rules, !var.makes_renditions ? {} : {
    ready = {
      description = "Queues a ready image for its renditions."
      bus         = aws_cloudwatch_event_bus.this.name
      pattern     = jsonencode({ source = [local.source], detail-type = ["image.ready"] })
      schedule    = null
      input       = null
      queue       = "render"
    }
  })
  # Separate from the rules, because the queues' policies name the rules.
  queues = { work = var.work_queue, render = var.render_queue }

  work_rules = {
    deleted = {
      description = "Queues a deleted image for the removal of its objects."
      bus         = aws_cloudwatch_event_bus.this.name
      pattern     = jsonencode({ source = [local.source], detail-type = ["image.deleted"] })
      schedule    = null
      input       = null
      queue       = "work"
    }
    due = {
      description = "Starts the search for due work."
      bus         = "default"
      pattern     = null
      schedule    = var.due_every_minutes == 1 ? "rate(1 minute)" : "rate(${var.due_every_minutes} minutes)"
      input       = local.due_message
      queue       = "work"
    }
  }
}

resource "aws_cloudwatch_event_bus" "this" {
  name = var.name
}

# Principals of this account that may publish events can do so on every bus, unless the bus denies it.
resource "aws_cloudwatch_event_bus_policy" "this" {
  event_bus_name = aws_cloudwatch_event_bus.this.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OnlyThePublisher"
        Effect    = "Deny"
        Principal = "*"
        Action    = "events:PutEvents"
        Resource  = aws_cloudwatch_event_bus.this.arn
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = var.publisher_role_arn } }
      },
    ]
  })
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = local.rules

  name                = "${var.name}-${each.key}"
  description         = each.value.description
  event_bus_name      = each.value.bus
  event_pattern       = each.value.pattern
  schedule_expression = each.value.schedule
}

resource "aws_cloudwatch_event_target" "work" {
  for_each = local.rules

  rule           = aws_cloudwatch_event_rule.this[each.key].name
  event_bus_name = each.value.bus
  target_id      = "work"
  arn            = local.queues[each.value.queue].arn
  input          = each.value.input

  dead_letter_config {
    arn = local.queues[each.value.queue].dead_letter_queue_arn
  }
}
