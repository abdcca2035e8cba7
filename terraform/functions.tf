# The Lambda functions. They share one package; each has its own role, and the statements below
# are all that the role may do besides writing its own logs and traces.

locals {
  # Where identify comes from: our own layer, another layer, or a path that exists already.
  own_layer         = var.imagemagick.layer_arn == null && var.imagemagick.home == null && var.imagemagick.identify_path == null
  imagemagick_zip   = coalesce(var.imagemagick.package, "${path.module}/../dist/imagemagick-${var.architecture}.zip")
  imagemagick_layer = local.own_layer ? aws_lambda_layer_version.imagemagick[0].arn : var.imagemagick.layer_arn
  imagemagick_environment = {
    IMAGEMAGICK_HOME = local.own_layer ? "/opt/imagemagick" : var.imagemagick.home
    IDENTIFY_PATH    = var.imagemagick.identify_path
  }

  function_defaults = {
    region                   = var.region
    package                  = coalesce(var.functions_package, "${path.module}/../dist/functions.zip")
    architecture             = var.architecture
    runtime                  = var.runtime
    snap_start               = var.snap_start
    tracing                  = var.tracing
    log_level                = var.log_level
    log_retention_days       = var.log_retention_days
    kms_key_arn              = var.kms_key_arn
    permissions_boundary_arn = var.permissions_boundary_arn
  }

  deployed_functions = merge(
    {
      users    = module.users_function
      images   = module.images_function
      ingest   = module.ingest_function
      render   = module.render_function
      events   = module.events_function
      triggers = module.triggers_function
    },
    { for function in module.web_function : "web" => function },
  )

  # The origin of presigned URLs.
  storage_origin = (
    var.s3_public_endpoint_url == null
    ? "https://${local.bucket_name}.s3.${var.region}.${local.dns_suffix}"
    : regex("^https?://[^/]+", var.s3_public_endpoint_url)
  )

  renditions = join(",", [for name, side in var.renditions : "${name}=${side}"])

  environment = {
    LOG_LEVEL                    = var.log_level
    POWERTOOLS_METRICS_NAMESPACE = local.name
  }

  # Settings of the functions behind the API.
  request_secrets = nonsensitive(length(var.origin_secrets)) == 0 ? {} : { ORIGIN_SECRET = join(" ", var.origin_secrets) }

  # One settings class reads these in every function except the triggers.
  application_environment = merge(local.environment, {
    USER_POOL_ID                 = module.auth.user_pool_id
    USER_POOL_CLIENT_ID          = module.auth.server_client_id
    IMAGES_BUCKET                = local.bucket_name
    RECORDS_TABLE                = module.records.name
    UPLOADS_QUEUE_URL            = module.queue.url
    RENDER_QUEUE_URL             = module.render_queue.url
    RENDITIONS                   = local.renditions
    MAX_SMALL_UPLOAD_BYTES       = var.limits.max_small_upload_bytes
    MAX_DIRECT_UPLOAD_BYTES      = var.limits.max_direct_upload_bytes
    MAX_MULTIPART_UPLOAD_BYTES   = var.limits.max_multipart_upload_bytes
    MAX_PIXELS                   = var.limits.max_pixels
    MAX_SIDE_PX                  = var.limits.max_side_px
    LOCATION                     = var.location
    ALLOW_CAMERA_RAW             = var.allow_camera_raw
    MAX_IMAGES_PER_USER          = var.quotas.max_images_per_user
    MAX_BYTES_PER_USER           = var.quotas.max_bytes_per_user
    MAX_PENDING_UPLOADS_PER_USER = var.quotas.max_pending_uploads_per_user
    DUPLICATES                   = var.duplicates
    METADATA_LIMITS              = jsonencode(var.metadata_limits)
    IDENTIFY_LIMITS              = jsonencode(var.identify_limits)
    CONTENT_LINK_TTL_S           = var.limits.content_link_ttl_s
    UPLOAD_LINK_TTL_S            = var.limits.upload_link_ttl_s
    TOTP_ISSUER                  = var.totp_issuer
    DOCS_PAGE                    = var.docs_page
    S3_PUBLIC_ENDPOINT_URL       = var.s3_public_endpoint_url
  })

  # The roles may only use the key through the services whose data it encrypts.
  key_uses = {
    s3       = ["kms:Decrypt", "kms:GenerateDataKey"]
    sqs      = ["kms:Decrypt", "kms:GenerateDataKey"]
    dynamodb = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
  }
  use_key = {
    for service, actions in local.key_uses : service => var.kms_key_arn == null ? {} : {
      "UseKeyThrough${title(service)}" = {
        actions    = actions
        resources  = [var.kms_key_arn]
        conditions = { StringEquals = { "kms:ViaService" = ["${service}.${var.region}.${local.dns_suffix}"] } }
      }
    }
  }

  images   = "${local.bucket_arn}/${local.users_prefix}*"
  incoming = "${local.bucket_arn}/${local.incoming_prefix}*"

  # S3 only responds with 404, rather than 403, for a missing object if the role has this permission without
  # a prefix: hence IfExists.
  list_objects = {
    ListObjects = {
      actions    = ["s3:ListBucket"]
      resources  = [local.bucket_arn]
      conditions = { StringLikeIfExists = { "s3:prefix" = ["${local.users_prefix}*", "${local.incoming_prefix}*"] } }
    }
  }

  # Multipart uploads are aborted by their key, so that those whose id was never recorded are found too.
  list_uploads = {
    ListUploads = {
      actions   = ["s3:ListBucketMultipartUploads"]
      resources = [local.bucket_arn]
    }
  }

  # The objects of a deleted account are removed version by version, whether or not the bucket keeps versions.
  remove_versions = {
    ListVersions = {
      actions    = ["s3:ListBucketVersions"]
      resources  = [local.bucket_arn]
      conditions = { StringLike = { "s3:prefix" = ["${local.users_prefix}*", "${local.incoming_prefix}*"] } }
    }
    RemoveVersions = {
      actions   = ["s3:DeleteObjectVersion"]
      resources = [local.images, local.incoming]
    }
  }

  send_work = {
    SendWork = {
      actions   = ["sqs:SendMessage"]
      resources = [module.queue.arn]
    }
  }

  indexes = { for name in module.records.index_names : name => "${module.records.arn}/index/${name}" }

  # A transaction needs the permission for each of its operations.
  change_records = {
    ChangeRecords = {
      actions = [
        "dynamodb:DeleteItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
      ]
      resources = [module.records.arn]
    }
  }
}

resource "aws_lambda_layer_version" "imagemagick" {
  count = local.own_layer ? 1 : 0

  layer_name               = "${local.name}-imagemagick"
  description              = "ImageMagick's identify with its libraries and the coders of the allowed formats."
  filename                 = local.imagemagick_zip
  source_code_hash         = fileexists(local.imagemagick_zip) ? filebase64sha256(local.imagemagick_zip) : null
  compatible_architectures = [var.architecture]
  compatible_runtimes      = [var.runtime]

  lifecycle {
    precondition {
      condition     = fileexists(local.imagemagick_zip)
      error_message = "${local.imagemagick_zip} is missing: make package builds it."
    }
  }
}

module "users_function" {
  source = "./modules/function"

  name        = "${local.name}-users"
  handler     = "entrypoints.functions.users.handler"
  settings    = merge(local.function_defaults, var.functions.users, { pinned_version = lookup(var.pinned_versions, "users", null) })
  environment = local.application_environment
  secrets     = local.request_secrets
  statements = merge(local.use_key.dynamodb, {
    SignUsersIn = {
      actions = [
        "cognito-idp:AdminDeleteUser",
        "cognito-idp:AdminGetUser",
        "cognito-idp:AdminInitiateAuth",
        "cognito-idp:AdminRespondToAuthChallenge",
        "cognito-idp:AdminSetUserPassword",
        "cognito-idp:AdminUpdateUserAttributes",
        "cognito-idp:AdminUserGlobalSignOut",
        "cognito-idp:DescribeUserPool",
      ]
      resources = [module.auth.user_pool_arn]
    }
    CloseAccounts = {
      actions   = ["dynamodb:UpdateItem"]
      resources = [module.records.arn]
    }
  })
}

module "images_function" {
  source = "./modules/function"

  name     = "${local.name}-images"
  handler  = "entrypoints.functions.images.handler"
  settings = merge(local.function_defaults, var.functions.images, { pinned_version = lookup(var.pinned_versions, "images", null) })
  layers   = local.imagemagick_layer == null ? [] : [local.imagemagick_layer]
  environment = merge(local.application_environment, local.imagemagick_environment, {
    UPLOADS_REQUIRE_PERMISSION = var.uploads_require_permission
  })
  secrets = local.request_secrets
  statements = merge(local.list_objects, local.list_uploads, local.change_records, local.use_key.s3, local.use_key.dynamodb, {
    FindManyRecordsAndCheckTombstones = {
      actions   = ["dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem"]
      resources = [module.records.arn]
    }
    ListByCaptureTime = {
      actions   = ["dynamodb:Query"]
      resources = [local.indexes["by_capture_time"]]
    }
    TakeUploadsIn = {
      actions   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
      resources = [local.incoming]
    }
    StoreImages = {
      actions   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
      resources = [local.images]
    }
  })
}

module "web_function" {
  source = "./modules/function"
  count  = var.web_page ? 1 : 0

  name     = "${local.name}-web"
  handler  = "entrypoints.functions.web.handler"
  settings = merge(local.function_defaults, var.functions.web, { pinned_version = lookup(var.pinned_versions, "web", null) })
  environment = merge(local.environment, {
    STORAGE_ORIGIN = local.storage_origin
    DOCS_PAGE      = var.docs_page
  })
  secrets    = local.request_secrets
  statements = {}
}

module "ingest_function" {
  source = "./modules/function"

  name    = "${local.name}-ingest"
  handler = "entrypoints.functions.ingest.handler"
  settings = merge(local.function_defaults, var.functions.ingest, {
    pinned_version = lookup(var.pinned_versions, "ingest", null)
    # No client waits for it, and SnapStart allows at most 512 MB of temporary storage.
    snap_start = false
    # Even the largest upload is read from disk.
    ephemeral_storage_mb = max(512, ceil(max(var.limits.max_direct_upload_bytes, var.limits.max_multipart_upload_bytes) / 1048576) + 256)
  })
  layers      = local.imagemagick_layer == null ? [] : [local.imagemagick_layer]
  environment = merge(local.application_environment, local.imagemagick_environment)
  event_source = {
    queue_arn = module.queue.arn
    # One image per batch: an image that uses up the function's time must not make others fail.
    batch_size          = 1
    maximum_concurrency = var.ingest_concurrency
  }
  statements = merge(local.list_objects, local.list_uploads, local.remove_versions, local.send_work, local.change_records, local.use_key.s3, local.use_key.sqs, local.use_key.dynamodb, {
    FindWhatIsDue = {
      actions   = ["dynamodb:Query"]
      resources = [local.indexes["due"]]
    }
    EmptyAccounts = {
      actions   = ["dynamodb:BatchWriteItem"]
      resources = [module.records.arn]
    }
    AcceptUploads = {
      actions   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject"]
      resources = [local.incoming]
    }
    ReceiveWork = {
      actions   = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
      resources = [module.queue.arn]
    }
    ReadAndDescribeImages = {
      actions   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
      resources = [local.images]
    }
  })
}

module "render_function" {
  source = "./modules/function"

  name    = "${local.name}-render"
  handler = "entrypoints.functions.render.handler"
  settings = merge(local.function_defaults, var.functions.render, {
    pinned_version = lookup(var.pinned_versions, "render", null)
    # No client waits for it, and SnapStart allows at most 512 MB of temporary storage.
    snap_start = false
    # There may be a second copy, without metadata, of the largest upload.
    ephemeral_storage_mb = min(10240, max(512, 2 * ceil(max(var.limits.max_direct_upload_bytes, var.limits.max_multipart_upload_bytes) / 1048576) + 512))
  })
  layers      = local.imagemagick_layer == null ? [] : [local.imagemagick_layer]
  environment = merge(local.application_environment, local.imagemagick_environment)
  event_source = {
    queue_arn = module.render_queue.arn
    # One image per batch: an image that uses up the function's time or memory must not make others fail.
    batch_size          = 1
    maximum_concurrency = var.render_concurrency
  }
  statements = merge(local.list_objects, local.use_key.s3, local.use_key.sqs, local.use_key.dynamodb, {
    NoteAttemptsAndOutcomes = {
      actions   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
      resources = [module.records.arn]
    }
    ReadOriginals = {
      actions   = ["s3:GetObject"]
      resources = ["${local.images}/images/*/original.*"]
    }
    KeepRenditions = {
      actions   = ["s3:DeleteObject", "s3:PutObject"]
      resources = ["${local.images}/images/*/renditions/*"]
    }
    ReceiveWork = {
      actions   = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
      resources = [module.render_queue.arn]
    }
  })
}

module "events_function" {
  source = "./modules/function"

  name    = "${local.name}-events"
  handler = "entrypoints.functions.events.handler"
  settings = merge(local.function_defaults, var.functions.events, {
    pinned_version = lookup(var.pinned_versions, "events", null)
    # No client waits for it.
    snap_start = false
  })
  environment = merge(local.environment, {
    EVENT_BUS = module.events.bus_name
  })
  stream_source = {
    stream_arn = module.records.stream_arn
    batch_size = 100
    # There are no events for new records, or for other changes of an account.
    filters = [
      jsonencode({ eventName = ["MODIFY", "REMOVE"], dynamodb = { Keys = { item_key = { S = [{ prefix = "IMG#" }] } } } }),
      jsonencode({ dynamodb = { Keys = { item_key = { S = ["ACCOUNT"] } }, NewImage = { deleted_at = { S = [{ exists = true }] } } } }),
    ]
    maximum_retry_attempts     = 100
    maximum_record_age_seconds = 43200 # the stream keeps a record for a day
    failure_bucket_arn         = module.storage.bucket_arn
  }
  statements = merge(local.use_key.dynamodb, local.use_key.s3, {
    ReadChanges = {
      actions   = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"]
      resources = [module.records.stream_arn]
    }
    Publish = {
      actions   = ["events:PutEvents"]
      resources = [module.events.bus_arn]
    }
    KeepFailedEvents = {
      actions   = ["s3:PutObject"]
      resources = ["${local.bucket_arn}/${local.failed_events_prefix}*"]
    }
    ListFailedEvents = {
      actions    = ["s3:ListBucket"]
      resources  = [local.bucket_arn]
      conditions = { StringLikeIfExists = { "s3:prefix" = ["${local.failed_events_prefix}*"] } }
    }
  })
}

locals {
  # Lambda treats a line without a level, such as one of the audit log, as INFO.
  audited_log_level = var.log_level == "DEBUG" ? "DEBUG" : "INFO"
}

module "triggers_function" {
  source = "./modules/function"

  name    = "${local.name}-triggers"
  handler = "entrypoints.functions.triggers.handler"
  settings = merge(local.function_defaults, var.functions.triggers, {
    pinned_version = lookup(var.pinned_versions, "triggers", null)
    log_level      = local.audited_log_level
  })
  environment = merge(local.environment, {
    REGISTRATION_OPEN            = var.registration.open
    REGISTRATION_ALLOWED_DOMAINS = join(",", var.registration.allowed_domains)
    REGISTRATION_BLOCKED         = join(",", var.registration.blocked)
    GROUP_PERMISSIONS            = jsonencode({ for name, group in var.groups : name => group.permissions })
    DEFAULT_PERMISSIONS          = join(",", var.default_permissions)
  })
  statements = {}
}
