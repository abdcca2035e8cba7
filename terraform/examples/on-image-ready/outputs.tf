output "table" {
  description = "Name of the table of photos."
  value       = aws_dynamodb_table.catalogue.name
}
