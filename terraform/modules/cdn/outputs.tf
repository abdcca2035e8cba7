output "url" {
  description = "Public base URL of the API, without a trailing slash."
  value       = "https://${var.domain == null ? aws_cloudfront_distribution.this.domain_name : var.domain.name}"
}

output "domain_target" {
  description = "Where the public domain's DNS record must point."
  value       = aws_cloudfront_distribution.this.domain_name
}
