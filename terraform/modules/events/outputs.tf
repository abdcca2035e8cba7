output "bus_name" {
  description = "Name of the bus."
  value       = aws_cloudwatch_event_bus.this.name
}

output "bus_arn" {
  description = "ARN of the bus."
  value       = aws_cloudwatch_event_bus.this.arn
}

output "rules" {
  description = "Name, bus and ARN of each rule that sends to a queue."
  value = {
    for key, rule in aws_cloudwatch_event_rule.this : key => { name = rule.name, bus = rule.event_bus_name, arn = rule.arn }
  }
}
