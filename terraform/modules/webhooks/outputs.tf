output "webhooks" {
  description = "By webhook, its URL, its header and the ARN of its secret, and the URL of the queue of undelivered events."
  value = {
    for key, webhook in var.webhooks : key => {
      url                   = webhook.url
      secret_arn            = webhook.secret_arn
      secret_header         = webhook.secret_header
      undelivered_queue_url = aws_sqs_queue.undelivered[key].url
    }
  }
}

output "undelivered_queue_names" {
  description = "By webhook, name of the queue of undelivered events."
  value       = { for key, queue in aws_sqs_queue.undelivered : key => queue.name }
}

output "rules" {
  description = "By webhook, name and bus of its rule."
  value       = { for key, rule in aws_cloudwatch_event_rule.this : key => { name = rule.name, bus = rule.event_bus_name } }
}
