output "name" {
  description = "Name of the table."
  value       = aws_dynamodb_table.records.name
}

output "arn" {
  description = "ARN of the table."
  value       = aws_dynamodb_table.records.arn
}

output "stream_arn" {
  description = "ARN of the table's stream."
  value       = aws_dynamodb_table.records.stream_arn
}

output "index_names" {
  description = "Names of the indexes."
  value       = [for index in aws_dynamodb_table.records.global_secondary_index : index.name]
}
