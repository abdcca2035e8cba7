data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  name       = "${var.project}-${var.environment}"
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  dns_suffix = data.aws_partition.current.dns_suffix

  tags = merge({ Project = var.project, Environment = var.environment, ManagedBy = "terraform" }, var.tags)

  # A bucket's name may have 63 characters; the shorter form of the longest names has 61.
  bucket_names = ["${local.name}-images-${local.account_id}-${var.region}", "${local.name}-${local.account_id}-${var.region}"]
  bucket_name  = coalesce(var.bucket_name, [for name in local.bucket_names : name if length(name) <= 63]...)

  # The queue's policy names the bucket, and the bucket's notification needs the queue's policy:
  # constructing this ARN avoids the cycle.
  bucket_arn = "arn:${local.partition}:s3:::${local.bucket_name}"

  # The prefixes in src/adapters/s3/object_keys.py: of stored images, and of what clients send.
  users_prefix    = "users/"
  incoming_prefix = "incoming/"

  # Lambda chooses this prefix for the events that it gave up.
  failed_events_prefix = "aws/lambda/"
}

module "auth" {
  source = "./modules/auth"

  name                      = local.name
  registration_open         = var.registration.open
  password_policy           = var.password_policy
  token_lifetimes           = var.token_lifetimes
  rotate_refresh_tokens     = var.rotate_refresh_tokens
  mfa                       = var.mfa
  tier                      = var.user_pool_tier
  threat_protection         = var.threat_protection
  threat_response           = var.threat_response
  deletion_protection       = var.deletion_protection
  groups                    = var.groups
  email                     = var.email
  domain                    = var.sign_in_domain
  callback_urls             = var.callback_urls
  logout_urls               = var.logout_urls
  identity_providers        = var.identity_providers
  identity_provider_secrets = var.identity_provider_secrets
  triggers                  = var.triggers
  trigger_function          = module.triggers_function
}

module "storage" {
  source = "./modules/storage"

  bucket_name = local.bucket_name
  account_id  = local.account_id
  kms_key_arn = var.kms_key_arn
  versioning  = var.bucket_versioning
  lifecycle_rules = {
    abort_multipart_after_days = var.bucket_lifecycle.abort_multipart_after_days
    noncurrent_days            = var.bucket_lifecycle.noncurrent_days
    infrequent_access = var.bucket_lifecycle.infrequent_access_after_days == null ? null : {
      prefix     = local.users_prefix
      after_days = var.bucket_lifecycle.infrequent_access_after_days
    }
    expire_prefix_after_days = merge(var.bucket_lifecycle.expire_prefix_after_days, {
      (local.incoming_prefix)      = var.bucket_lifecycle.incoming_days
      (local.failed_events_prefix) = var.bucket_lifecycle.failed_event_days
    })
  }
  cors_origins  = var.cors_origins
  log_bucket    = var.access_log_bucket
  force_destroy = var.force_destroy && !var.deletion_protection
  notification  = { queue_arn = module.queue.arn, prefixes = [local.incoming_prefix] }
}

module "records" {
  source = "./modules/records"

  name                = "${local.name}-records"
  kms_key_arn         = var.kms_key_arn
  deletion_protection = var.deletion_protection
  recovery_days       = var.records_recovery_days
}

module "queue" {
  source = "./modules/queue"

  name                       = "${local.name}-uploads"
  kms_key_arn                = var.kms_key_arn
  visibility_timeout_seconds = 6 * var.functions.ingest.timeout_s
  max_receive_count          = var.max_receive_count
  senders = merge(
    { OnlyOurBucketSends = { service = "s3.amazonaws.com", source_arn = local.bucket_arn, source_account = local.account_id } },
    {
      for key, rule in module.events.rules : "RuleFor${title(key)}" => {
        service           = "events.amazonaws.com"
        source_arn        = rule.arn
        keeps_undelivered = true
      }
      if key != "ready"
    },
  )
}

module "render_queue" {
  source = "./modules/queue"

  name                       = "${local.name}-render"
  kms_key_arn                = var.kms_key_arn
  visibility_timeout_seconds = 6 * var.functions.render.timeout_s
  max_receive_count          = var.max_receive_count
  senders = {
    for key, rule in module.events.rules : "RuleFor${title(key)}" => {
      service           = "events.amazonaws.com"
      source_arn        = rule.arn
      keeps_undelivered = true
    }
    if key == "ready"
  }
}

module "events" {
  source = "./modules/events"

  name               = local.name
  publisher_role_arn = module.events_function.role_arn
  work_queue         = { arn = module.queue.arn, dead_letter_queue_arn = module.queue.dead_letter_queue_arn }
  render_queue       = { arn = module.render_queue.arn, dead_letter_queue_arn = module.render_queue.dead_letter_queue_arn }
  makes_renditions   = length(var.renditions) > 0
  due_every_minutes  = var.due_every_minutes
}

module "webhooks" {
  source = "./modules/webhooks"

  name                     = local.name
  region                   = var.region
  bus_name                 = module.events.bus_name
  webhooks                 = var.webhooks
  kms_key_arn              = var.kms_key_arn
  permissions_boundary_arn = var.permissions_boundary_arn
}

module "api" {
  source = "./modules/api"

  name         = local.name
  openapi_file = "${path.module}/../openapi.json"
  functions_by_tag = merge(
    {
      users   = module.users_function
      images  = module.images_function
      service = module.users_function
    },
    { for function in module.web_function : "page" => function },
  )
  jwt_issuer         = module.auth.issuer
  jwt_audience       = [module.auth.server_client_id, module.auth.public_client_id]
  throttling         = var.throttling
  account_throttling = var.account_throttling
  cors_origins       = var.cors_origins
  custom_domain      = var.api_domain
  detailed_metrics   = var.detailed_metrics
  log_retention_days = var.log_retention_days
  kms_key_arn        = var.kms_key_arn
}

module "cdn" {
  source    = "./modules/cdn"
  count     = var.cdn == null ? 0 : 1
  providers = { aws = aws.us_east_1 }

  name                         = local.name
  origin                       = { domain_name = var.api_domain.name, secret = var.origin_secrets[0] }
  routes                       = module.api.routes
  domain                       = var.cdn.domain
  account_requests_per_address = var.cdn.account_requests_per_address
  price_class                  = var.cdn.price_class
  log_retention_days           = var.log_retention_days
}

module "observability" {
  source = "./modules/observability"

  name      = local.name
  region    = var.region
  functions = local.deployed_functions
  api_id    = module.api.id
  queues = {
    uploads = { name = module.queue.name, dead_letter_queue_name = module.queue.dead_letter_queue_name }
    render  = { name = module.render_queue.name, dead_letter_queue_name = module.render_queue.dead_letter_queue_name }
  }
  table              = { name = module.records.name, index_names = module.records.index_names }
  stream             = { function_name = module.events_function.name, source_id = module.events_function.stream_source_id }
  rules              = module.events.rules
  undelivered_queues = module.webhooks.undelivered_queue_names
  alarm_actions      = var.alarm_actions
  alarm_emails       = var.alarm_emails
  kms_key_arn        = var.kms_key_arn
  api_latency_ms     = var.alarm_api_latency_ms
  denied_sign_ins    = var.alarm_denied_sign_ins
  due_every_minutes  = var.due_every_minutes
}
