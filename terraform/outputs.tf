output "api_url" {
  description = "Base URL of the API."
  value       = var.cdn == null ? module.api.url : module.cdn[0].url
}

output "api_id" {
  description = "Id of the API."
  value       = module.api.id
}

output "api_domain_target" {
  description = "Where the custom domain's DNS record must point, if there is one and Terraform does not create it."
  value       = module.api.domain_target
}

output "cdn_domain_target" {
  description = "Where the public domain's DNS record must point, if there is a content delivery network."
  value       = one(module.cdn[*].domain_target)
}

output "routes" {
  description = "Each route of the API with its tag, whether it needs a token, and whether its body is not JSON."
  value       = module.api.routes
}

output "user_pool_id" {
  description = "Id of the user pool."
  value       = module.auth.user_pool_id
}

output "server_client_id" {
  description = "Client id that the API itself uses."
  value       = module.auth.server_client_id
}

output "public_client_id" {
  description = "Client id for browsers and mobile apps."
  value       = module.auth.public_client_id
}

output "issuer" {
  description = "Issuer of the tokens."
  value       = module.auth.issuer
}

output "sign_in_domain" {
  description = "Domain of the hosted sign-in pages, if any."
  value       = module.auth.sign_in_domain
}

output "bucket" {
  description = "Name of the bucket."
  value       = module.storage.bucket_name
}

output "records_table" {
  description = "Name of the table of the records."
  value       = module.records.name
}

output "event_bus" {
  description = "Name of the bus on which changes are published."
  value       = module.events.bus_name
}

output "webhooks" {
  description = "Each webhook with its URL, its header and the ARN of its secret, and the URL of the queue of undelivered events."
  value       = module.webhooks.webhooks
}

output "queue_url" {
  description = "URL of the work queue: uploads to read, deletions to finish, and other work that is due."
  value       = module.queue.url
}

output "dead_letter_queue_url" {
  description = "URL of the dead-letter queue of the work queue."
  value       = module.queue.dead_letter_queue_url
}

output "dead_letter_queue_arn" {
  description = "ARN of the dead-letter queue of the work queue, to redrive it."
  value       = module.queue.dead_letter_queue_arn
}

output "render_queue_url" {
  description = "URL of the queue of images that need renditions."
  value       = module.render_queue.url
}

output "render_dead_letter_queue_url" {
  description = "URL of the dead-letter queue of that queue."
  value       = module.render_queue.dead_letter_queue_url
}

output "renditions" {
  description = "The renditions of each image, in the format of the functions' setting RENDITIONS."
  value       = local.renditions
}

output "location" {
  description = "Whether positions in files are recorded: keep or drop."
  value       = var.location
}

output "functions" {
  description = "Name and newest published version of each function."
  value       = { for key, function in local.deployed_functions : key => { name = function.name, version = function.version } }
}

output "dashboard" {
  description = "Name of the CloudWatch dashboard."
  value       = module.observability.dashboard_name
}
