output "dashboard_name" {
  description = "Name of the dashboard."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}

output "undelivered_alarms" {
  description = "By webhook, name of the alarm on events that could not be delivered."
  value       = { for key, alarm in aws_cloudwatch_metric_alarm.undelivered : key => alarm.alarm_name }
}
