# The bus on which others learn of changes, and what our own workers are told: that an image was deleted or became
# ready, and, every few minutes, that it is time to look for what is due.

locals {
  # As src/adapters/eventbridge/event_bus.py and src/adapters/sqs/work_queue.py have it.
  source      = "images-upload-api"
  due_message = jsonencode({ task = "queue-due-work" })

  # What is sent to which queue, when, and from which bus.
  rules = merge(local.work_rules, !var.makes_renditions ? {} : {
    ready = {
      description = "Has the renditions of a ready image made."
      bus         = aws_cloudwatch_event_bus.this.name
      pattern     = jsonencode({ source = [local.source], detail-type = ["image.ready"] })
      schedule    = null
      input       = null
      queue       = "render"
    }
  })
  # Apart from the rules, since the policies of the queues name those.
  queues = { work = var.work_queue, render = var.render_queue }

  work_rules = {
    deleted = {
      description = "Removes what is left of a deleted image."
      bus         = aws_cloudwatch_event_bus.this.name
      pattern     = jsonencode({ source = [local.source], detail-type = ["image.deleted"] })
      schedule    = null
      input       = null
      queue       = "work"
    }
    due = {
      description = "Queues the work that is due."
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

# Who may publish in this account may do so on every bus, unless the bus says otherwise.
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
