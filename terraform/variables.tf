variable "project" {
  description = "Name of the project; the first part of every resource's name."
  type        = string
  default     = "images-upload"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.project))
    error_message = "Use 3 to 20 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "environment" {
  description = "Name of the environment; the second part of every resource's name. Two can live in one account."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,9}$", var.environment))
    error_message = "Use 1 to 10 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "region" {
  description = "AWS region."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "Give a region such as eu-west-1."
  }
}

variable "aws_account_id" {
  description = "The only account that Terraform may touch; null for whichever the credentials belong to."
  type        = string
  default     = null

  validation {
    condition     = var.aws_account_id == null || can(regex("^[0-9]{12}$", var.aws_account_id))
    error_message = "An account id has 12 digits."
  }
}

variable "tags" {
  description = "Tags for every resource, besides Project, Environment and ManagedBy."
  type        = map(string)
  default     = {}
}

variable "emulator" {
  description = "The provider talks to an AWS emulator: plain HTTP, bucket names in paths, no instance metadata, no check of the credentials."
  type        = bool
  default     = false
}

# Functions

variable "architecture" {
  description = "Processor of the functions: arm64 (cheaper) or x86_64. The packages must be built for it."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "The architecture must be arm64 or x86_64."
  }
}

variable "runtime" {
  description = "Lambda runtime. The function package must be built for it."
  type        = string
  default     = "python3.13"

  validation {
    condition     = contains(["python3.11", "python3.12", "python3.13", "python3.14"], var.runtime)
    error_message = "The runtime must be python3.11, python3.12, python3.13 or python3.14."
  }
}

variable "functions_package" {
  description = "Path of the function package; null for dist/functions.zip as make package builds it."
  type        = string
  default     = null
}

variable "imagemagick" {
  description = <<-EOT
    Where identify comes from. By default a layer is made from dist/imagemagick-<architecture>.zip, or from package.
    Otherwise: layer_arn with the identify_path inside that layer (such as /opt/bin/identify), or with the home of a
    bundle like ours. Without a layer, home or identify_path must exist where the functions run, as with an emulator.
  EOT
  type = object({
    package       = optional(string)
    layer_arn     = optional(string)
    home          = optional(string)
    identify_path = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.imagemagick.layer_arn == null || var.imagemagick.home != null || var.imagemagick.identify_path != null
    error_message = "With a layer of somebody else, say where in it identify is: identify_path or home."
  }

  validation {
    condition     = var.imagemagick.package == null || (var.imagemagick.layer_arn == null && var.imagemagick.home == null && var.imagemagick.identify_path == null)
    error_message = "Give package alone: it says what our own layer is made of."
  }
}

variable "functions" {
  description = "Memory, timeout and, where wanted, reserved concurrency of each function."
  type = object({
    users    = optional(object({ memory_mb = optional(number, 512), timeout_s = optional(number, 20), reserved_concurrency = optional(number) }), {})
    images   = optional(object({ memory_mb = optional(number, 1769), timeout_s = optional(number, 29), reserved_concurrency = optional(number) }), {})
    ingest   = optional(object({ memory_mb = optional(number, 1769), timeout_s = optional(number, 900), reserved_concurrency = optional(number) }), {})
    triggers = optional(object({ memory_mb = optional(number, 512), timeout_s = optional(number, 5), reserved_concurrency = optional(number) }), {})
  })
  default  = {}
  nullable = false

  validation {
    condition = alltrue([
      for function in values(var.functions) : function.memory_mb >= 128 && function.memory_mb <= 10240
    ])
    error_message = "Lambda offers 128 to 10240 MB of memory."
  }

  validation {
    condition     = var.functions.users.timeout_s <= 30 && var.functions.images.timeout_s <= 30
    error_message = "API Gateway waits for at most 30 seconds."
  }

  validation {
    condition     = var.functions.triggers.timeout_s <= 5
    error_message = "Cognito waits for a trigger for at most 5 seconds."
  }

  validation {
    condition     = var.functions.ingest.timeout_s <= 900
    error_message = "Lambda runs for at most 900 seconds."
  }
}

variable "ingest_concurrency" {
  description = "How many batches of uploads are read at the same time."
  type        = number
  default     = 20

  validation {
    condition     = var.ingest_concurrency >= 2 && var.ingest_concurrency <= 1000
    error_message = "SQS allows 2 to 1000."
  }
}

variable "max_receive_count" {
  description = "How often an upload's event is tried before it goes to the dead-letter queue."
  type        = number
  default     = 5

  validation {
    condition     = var.max_receive_count >= 5 && var.max_receive_count <= 1000
    error_message = "Use 5 to 1000: Lambda's scaling alone can cost a message several receives."
  }
}

variable "snap_start" {
  description = "Start the functions that somebody waits for from a snapshot, for shorter cold starts (python3.12 and later)."
  type        = bool
  default     = false

  validation {
    condition     = !var.snap_start || var.runtime != "python3.11"
    error_message = "SnapStart needs python3.12 or later."
  }
}

variable "pinned_versions" {
  description = "Published version that is to serve instead of the newest, by function; for rolling back."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for function, version in var.pinned_versions : contains(["users", "images", "ingest", "triggers"], function) && can(regex("^[0-9]+$", version))])
    error_message = "Map users, images, ingest or triggers to a version number."
  }
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of the functions' roles, where the organisation requires one."
  type        = string
  default     = null
}

# Limits of the API

variable "limits" {
  description = "What an image may be at most, sent through the API, straight to S3 or in parts, and how long links are valid."
  type = object({
    max_small_upload_bytes     = optional(number, 4194304)
    max_direct_upload_bytes    = optional(number, 52428800)
    max_multipart_upload_bytes = optional(number, 5368709120)
    max_pixels                 = optional(number, 100000000)
    max_side_px                = optional(number, 16383)
    content_link_ttl_s         = optional(number, 300)
    upload_link_ttl_s          = optional(number, 900)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.limits.max_small_upload_bytes >= 1 && var.limits.max_small_upload_bytes <= 4500000
    error_message = "Lambda takes 6 MB in base64: at most 4500000 bytes of image."
  }

  validation {
    condition = alltrue([
      for bytes in [var.limits.max_direct_upload_bytes, var.limits.max_multipart_upload_bytes] : bytes >= 1 && bytes <= 5368709120
    ])
    error_message = "S3 takes, and copies, at most 5 GB (5368709120 bytes) at once."
  }

  validation {
    condition     = var.limits.max_pixels >= 1 && var.limits.max_side_px >= 1
    error_message = "Pixels are counted from 1."
  }

  validation {
    condition     = var.limits.content_link_ttl_s >= 1 && var.limits.content_link_ttl_s <= 3600
    error_message = "A link to content can be valid for 1 second to 1 hour."
  }

  validation {
    condition     = var.limits.upload_link_ttl_s >= 60 && var.limits.upload_link_ttl_s <= 3600
    error_message = "A link for uploading can be valid for 1 minute to 1 hour."
  }
}

variable "metadata_limits" {
  description = "Limits on reading metadata that differ from the defaults, by the names in docs/metadata.md."
  type        = map(number)
  default     = {}
}

variable "identify_limits" {
  description = "Limits on one run of identify that differ from the defaults, by the names in docs/metadata.md."
  type        = map(number)
  default     = {}
}

variable "throttling" {
  description = "Requests a second (rate), and at once (burst), to each route, over all callers."
  type        = object({ rate = number, burst = number })
  default     = { rate = 100, burst = 200 }

  validation {
    condition     = var.throttling.rate > 0 && var.throttling.burst > 0
    error_message = "Both must be positive: 0 would refuse every request."
  }
}

variable "account_throttling" {
  description = "The same for the account routes that take no token: registration, log-in, codes, passwords."
  type        = object({ rate = number, burst = number })
  default     = { rate = 10, burst = 20 }

  validation {
    condition     = var.account_throttling.rate > 0 && var.account_throttling.burst > 0
    error_message = "Both must be positive: 0 would refuse every request."
  }

  validation {
    condition     = var.account_throttling.rate <= var.throttling.rate && var.account_throttling.burst <= var.throttling.burst
    error_message = "The account routes must not be throttled less than the others."
  }
}

variable "cors_origins" {
  description = "Web origins whose pages may call the API and upload to the bucket, such as https://app.example.com."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.cors_origins : can(regex("^https?://[^/*]+$", origin))])
    error_message = "Name each origin with its scheme, without a path and without a wildcard."
  }
}

variable "api_domain" {
  description = "Domain name of the API with an ACM certificate of this region; zone_id lets Terraform make the DNS records."
  type = object({
    name            = string
    certificate_arn = string
    zone_id         = optional(string)
  })
  default = null
}

# Accounts

variable "registration" {
  description = <<-EOT
    Who may create an account: nobody but administrators (open = false), or people with an e-mail address of one of
    the allowed_domains (empty: of any) unless the address, its domain or a parent domain is blocked.
  EOT
  type = object({
    open            = optional(bool, true)
    allowed_domains = optional(list(string), [])
    blocked         = optional(list(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for domain in var.registration.allowed_domains : can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+$", domain))])
    error_message = "Give allowed domains in lower case, such as example.com."
  }

  validation {
    condition     = alltrue([for blocked in var.registration.blocked : can(regex("^([^@,[:space:]]+@)?[a-z0-9-]+(\\.[a-z0-9-]+)+$", blocked))])
    error_message = "Block domains or addresses in lower case, such as example.com or eve@example.com."
  }

  validation {
    condition     = var.triggers.pre_sign_up || length(concat(var.registration.allowed_domains, var.registration.blocked)) == 0
    error_message = "Domains are checked by the pre sign-up trigger: leave triggers.pre_sign_up on."
  }
}

variable "password_policy" {
  description = "What a password must have."
  type = object({
    minimum_length                   = optional(number, 12)
    require_lowercase                = optional(bool, true)
    require_uppercase                = optional(bool, true)
    require_numbers                  = optional(bool, true)
    require_symbols                  = optional(bool, false)
    temporary_password_validity_days = optional(number, 3)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.password_policy.minimum_length >= 8 && var.password_policy.minimum_length <= 99
    error_message = "The minimum length must be 8 to 99."
  }
}

variable "token_lifetimes" {
  description = "How long tokens, and the session of a sign-in that needs another step, are valid."
  type = object({
    access_minutes    = optional(number, 60)
    id_minutes        = optional(number, 60)
    refresh_days      = optional(number, 30)
    challenge_minutes = optional(number, 3)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for minutes in [var.token_lifetimes.access_minutes, var.token_lifetimes.id_minutes] : minutes >= 5 && minutes <= 1440])
    error_message = "Access and ID tokens are valid for 5 to 1440 minutes."
  }

  validation {
    condition     = var.token_lifetimes.refresh_days >= 1 && var.token_lifetimes.refresh_days <= 3650
    error_message = "Refresh tokens are valid for 1 to 3650 days."
  }

  validation {
    condition     = var.token_lifetimes.refresh_days * 1440 >= max(var.token_lifetimes.access_minutes, var.token_lifetimes.id_minutes)
    error_message = "A refresh token must not expire before the tokens that it renews."
  }

  validation {
    condition     = var.token_lifetimes.challenge_minutes >= 3 && var.token_lifetimes.challenge_minutes <= 15
    error_message = "The session of a challenge is valid for 3 to 15 minutes."
  }
}

variable "rotate_refresh_tokens" {
  description = "Issue a new refresh token with every refresh and retire the old one."
  type        = bool
  default     = false
}

variable "mfa" {
  description = "Time-based one-time passwords: OFF, OPTIONAL or ON (required of everybody)."
  type        = string
  default     = "OPTIONAL"

  validation {
    condition     = contains(["OFF", "OPTIONAL", "ON"], var.mfa)
    error_message = "The value must be OFF, OPTIONAL or ON."
  }
}

variable "totp_issuer" {
  description = "The name under which authenticator apps file an account of this service."
  type        = string
  default     = "Images"

  validation {
    condition     = length(var.totp_issuer) >= 1 && length(var.totp_issuer) <= 64
    error_message = "Use 1 to 64 characters."
  }
}

variable "user_pool_tier" {
  description = "Cognito's feature plan. LITE has neither claims of our own in access tokens nor refresh-token rotation."
  type        = string
  default     = "ESSENTIALS"

  validation {
    condition     = contains(["LITE", "ESSENTIALS", "PLUS"], var.user_pool_tier)
    error_message = "The value must be LITE, ESSENTIALS or PLUS."
  }

  validation {
    condition     = var.user_pool_tier != "LITE" || !(var.triggers.pre_token_generation || var.rotate_refresh_tokens)
    error_message = "LITE has neither the pre token generation trigger's version 2 nor refresh-token rotation."
  }
}

variable "threat_protection" {
  description = "Cognito's threat protection: OFF, AUDIT or ENFORCED (both need the PLUS plan)."
  type        = string
  default     = "OFF"

  validation {
    condition     = contains(["OFF", "AUDIT", "ENFORCED"], var.threat_protection)
    error_message = "The value must be OFF, AUDIT or ENFORCED."
  }

  validation {
    condition     = var.threat_protection == "OFF" || var.user_pool_tier == "PLUS"
    error_message = "Threat protection needs user_pool_tier = \"PLUS\"."
  }
}

variable "deletion_protection" {
  description = "Refuse to delete the user pool. Set it to false, and apply, before tearing down."
  type        = bool
  default     = true
}

variable "groups" {
  description = "Groups of users by name, with the permissions that they grant, such as images:upload."
  type = map(object({
    description = optional(string)
    permissions = optional(list(string), [])
  }))
  default = {}

  validation {
    condition     = alltrue([for permission in flatten(values(var.groups)[*].permissions) : can(regex("^[a-z]+:[a-z]+$", permission))])
    error_message = "A permission looks like images:upload."
  }

  validation {
    condition     = var.triggers.pre_token_generation || length(flatten(values(var.groups)[*].permissions)) == 0
    error_message = "Permissions reach tokens by the pre token generation trigger: leave triggers.pre_token_generation on."
  }
}

variable "default_permissions" {
  description = "Permissions that every user has."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for permission in var.default_permissions : can(regex("^[a-z]+:[a-z]+$", permission))])
    error_message = "A permission looks like images:upload."
  }
}

variable "uploads_require_permission" {
  description = "Let only those upload whose token carries the permission images:upload."
  type        = bool
  default     = false
}

variable "triggers" {
  description = "Which Cognito events call the triggers function."
  type = object({
    pre_sign_up          = optional(bool, true)
    post_authentication  = optional(bool, true)
    pre_token_generation = optional(bool, true)
  })
  default  = {}
  nullable = false
}

variable "email" {
  description = "The Amazon SES identity that sends Cognito's mails; null for Cognito's own sender (50 mails a day)."
  type = object({
    ses_identity_arn = string
    from             = string
    reply_to         = optional(string)
  })
  default = null
}

variable "sign_in_domain" {
  description = "Domain of the hosted sign-in pages: a prefix of amazoncognito.com, or a name of your own with an ACM certificate of us-east-1."
  type = object({
    name            = string
    certificate_arn = optional(string)
  })
  default = null

  validation {
    condition     = var.sign_in_domain == null || length(var.callback_urls) > 0
    error_message = "Hosted sign-in needs callback_urls to return to."
  }

  validation {
    condition     = try(var.sign_in_domain.certificate_arn, null) != null || !strcontains(try(var.sign_in_domain.name, ""), ".")
    error_message = "A domain of your own needs its certificate_arn; a prefix has no dots."
  }
}

variable "callback_urls" {
  description = "Where the hosted sign-in may return to."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for url in var.callback_urls : can(regex("^(https://|http://localhost[:/]|[a-z][a-z0-9.+-]*://)", url)) && (!startswith(url, "http://") || startswith(url, "http://localhost"))])
    error_message = "Use https, the scheme of a mobile app, or http://localhost."
  }
}

variable "logout_urls" {
  description = "Where the hosted sign-out may return to."
  type        = list(string)
  default     = []
}

variable "identity_providers" {
  description = <<-EOT
    Federated sign-in by provider name. Cognito prescribes the names Google, Facebook, LoginWithAmazon and
    SignInWithApple for these types; OIDC and SAML providers may have any other name. Their secrets are in
    identity_provider_secrets.
  EOT
  type = map(object({
    type              = string
    client_id         = optional(string)       # all but SAML
    scopes            = optional(string)       # default: those that give name and e-mail
    team_id           = optional(string)       # SignInWithApple
    key_id            = optional(string)       # SignInWithApple
    issuer_url        = optional(string)       # OIDC
    metadata_url      = optional(string)       # SAML
    attribute_mapping = optional(map(string))  # user pool attribute = provider's attribute
    identifiers       = optional(list(string)) # e-mail domains that lead to this provider
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for provider in values(var.identity_providers) : contains(["Google", "Facebook", "LoginWithAmazon", "SignInWithApple", "OIDC", "SAML"], provider.type)])
    error_message = "The type must be Google, Facebook, LoginWithAmazon, SignInWithApple, OIDC or SAML."
  }

  validation {
    condition     = alltrue([for name, provider in var.identity_providers : contains(["OIDC", "SAML"], provider.type) || name == provider.type])
    error_message = "Cognito wants a social provider to be named like its type."
  }

  validation {
    condition     = alltrue([for provider in values(var.identity_providers) : (provider.type == "SAML") != (provider.client_id != null)])
    error_message = "Every provider but SAML needs its client_id."
  }

  validation {
    condition     = alltrue([for provider in values(var.identity_providers) : provider.type != "SAML" || provider.metadata_url != null])
    error_message = "SAML needs the metadata_url."
  }

  validation {
    condition     = alltrue([for provider in values(var.identity_providers) : provider.type != "OIDC" || provider.issuer_url != null])
    error_message = "OIDC needs the issuer_url."
  }

  validation {
    condition     = alltrue([for provider in values(var.identity_providers) : provider.type != "SignInWithApple" || (provider.team_id != null && provider.key_id != null)])
    error_message = "SignInWithApple needs team_id and key_id."
  }

  validation {
    condition     = length(var.identity_providers) == 0 || var.sign_in_domain != null
    error_message = "Federated sign-in goes through the hosted pages: set sign_in_domain."
  }
}

variable "identity_provider_secrets" {
  description = "Client secret (SignInWithApple: private key) by provider name. Give it as TF_VAR_identity_provider_secrets, not in a file."
  type        = map(string)
  default     = {}
  sensitive   = true
}

# Storage

variable "bucket_name" {
  description = "Name of the bucket; null for <project>-<environment>-images-<account>-<region>."
  type        = string
  default     = null

  validation {
    condition     = var.bucket_name == null || can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket_name))
    error_message = "Use 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "bucket_versioning" {
  description = "Keep overwritten and deleted objects for bucket_lifecycle.noncurrent_days. Off, deleting an image deletes it at once."
  type        = bool
  default     = false
}

variable "bucket_lifecycle" {
  description = "When S3 aborts unfinished multipart uploads, expires temporary objects and moves images to infrequent access (null: never)."
  type = object({
    abort_multipart_after_days   = optional(number, 1)
    expire_prefix_after_days     = optional(map(number), { "uploads/" = 1 })
    noncurrent_days              = optional(number, 30)
    infrequent_access_after_days = optional(number)
  })
  default  = {}
  nullable = false

  validation {
    condition     = !anytrue([for prefix in keys(var.bucket_lifecycle.expire_prefix_after_days) : startswith("users/", prefix) || startswith(prefix, "users/")])
    error_message = "The users' images must not expire."
  }

  validation {
    condition     = var.bucket_lifecycle.infrequent_access_after_days == null || try(var.bucket_lifecycle.infrequent_access_after_days >= 30, false)
    error_message = "S3 moves objects to infrequent access after 30 days at the earliest."
  }
}

variable "access_log_bucket" {
  description = "Bucket that takes the images bucket's server access logs; null for none."
  type        = string
  default     = null
}

variable "force_destroy" {
  description = "Let terraform destroy delete the bucket with the images in it."
  type        = bool
  default     = false
}

variable "s3_public_endpoint_url" {
  description = "S3 endpoint in presigned URLs, where clients reach S3 under another name than the functions do (emulators)."
  type        = string
  default     = null
}

# Encryption, logs, alarms

variable "kms_key_arn" {
  description = "Customer-managed key for objects, messages, logs and the functions' environment; null for keys that AWS manages. docs/security.md shows the key policy that it needs."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "Give the ARN of a key (not of an alias)."
  }
}

variable "log_level" {
  description = "What the functions log: DEBUG, INFO, WARNING or ERROR."
  type        = string
  default     = "INFO"

  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR"], var.log_level)
    error_message = "The value must be DEBUG, INFO, WARNING or ERROR."
  }
}

variable "log_retention_days" {
  description = "How long logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "CloudWatch Logs keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days."
  }
}

variable "tracing" {
  description = "Trace the functions with X-Ray."
  type        = bool
  default     = true
}

variable "detailed_metrics" {
  description = "CloudWatch metrics of each route of the API, which cost some dollars a route and month."
  type        = bool
  default     = false
}

variable "alarm_actions" {
  description = "ARNs of what alarms notify, such as SNS topics."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.alarm_actions : startswith(arn, "arn:")])
    error_message = "Give ARNs."
  }
}

variable "alarm_emails" {
  description = "E-mail addresses that alarms notify, through a topic made for them; each must confirm its subscription."
  type        = set(string)
  default     = []
}

variable "alarm_api_latency_ms" {
  description = "The latency that 95 % of the requests must stay below."
  type        = number
  default     = 3000
}
