# The whole configuration: what the roles may do, and which variables are refused.

mock_provider "aws" {
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias  = "us_east_1"
  source = "./tests/mocks"
}

variables {
  environment       = "test"
  region            = "eu-west-1"
  functions_package = "versions.tf" # any file: nothing is uploaded
  imagemagick       = { package = "versions.tf" }
}

run "defaults" {
  assert {
    condition = alltrue([
      for policy in [module.users_function.policy, module.images_function.policy, module.ingest_function.policy, module.render_function.policy, module.events_function.policy, module.triggers_function.policy] :
      alltrue([
        for statement in jsondecode(policy).Statement :
        alltrue([for action in statement.Action : !strcontains(action, "*")])
      ])
    ])
    error_message = "No role has an action with a wildcard."
  }

  assert {
    condition = alltrue([
      for policy in [module.users_function.policy, module.images_function.policy, module.ingest_function.policy, module.render_function.policy, module.events_function.policy, module.triggers_function.policy] :
      alltrue([
        for statement in jsondecode(policy).Statement :
        !contains(statement.Resource, "*") || statement.Action == ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
      ])
    ])
    error_message = "Every resource is named, except for X-Ray, which has none."
  }

  assert {
    condition = alltrue([
      for policy in [module.users_function.policy, module.images_function.policy, module.ingest_function.policy] :
      alltrue([
        for statement in jsondecode(policy).Statement :
        alltrue([
          for resource in statement.Resource :
          contains(["users/*", "incoming/*"], trimprefix(resource, "arn:aws:s3:::images-upload-test-images-123456789012-eu-west-1/"))
        ])
        if anytrue([for action in statement.Action : startswith(action, "s3:") && !startswith(action, "s3:ListBucket")])
      ])
    ])
    error_message = "Only objects under users/ and incoming/ may be accessed."
  }

  assert {
    condition = {
      for statement in jsondecode(module.render_function.policy).Statement : statement.Sid => toset([
        for pair in setproduct(statement.Action, statement.Resource) : "${pair[0]} ${element(split(":", pair[1]), 5)}"
      ])
      if !startswith(statement.Sid, "Write")
      } == {
      ListObjects             = toset(["s3:ListBucket images-upload-test-images-123456789012-eu-west-1"])
      NoteAttemptsAndOutcomes = toset(["dynamodb:GetItem table/mock", "dynamodb:PutItem table/mock", "dynamodb:UpdateItem table/mock"])
      ReadOriginals           = toset(["s3:GetObject images-upload-test-images-123456789012-eu-west-1/users/*/images/*/original.*"])
      KeepRenditions = toset([
        for action in ["DeleteObject", "PutObject"] : "s3:${action} images-upload-test-images-123456789012-eu-west-1/users/*/images/*/renditions/*"
      ])
      ReceiveWork = toset([
        for action in ["ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "ReceiveMessage"] : "sqs:${action} mock"
      ])
    }
    error_message = "The render function reads originals, stores renditions, and records them."
  }

  assert {
    condition = {
      for statement in jsondecode(module.events_function.policy).Statement : statement.Sid => statement.Action if !startswith(statement.Sid, "Write")
      } == {
      ReadChanges      = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"]
      Publish          = ["events:PutEvents"]
      KeepFailedEvents = ["s3:PutObject"]
      ListFailedEvents = ["s3:ListBucket"]
    }
    error_message = "The events function reads the stream, publishes, and keeps what it cannot publish."
  }

  assert {
    condition = one([
      for statement in jsondecode(module.events_function.policy).Statement : statement.Resource if statement.Sid == "KeepFailedEvents"
    ]) == ["arn:aws:s3:::images-upload-test-images-123456789012-eu-west-1/aws/lambda/*"]
    error_message = "Failed events are kept where Lambda puts them, apart from images."
  }

  assert {
    condition = {
      for name, policy in {
        users  = module.users_function.policy
        images = module.images_function.policy
        ingest = module.ingest_function.policy
        } : name => toset(flatten([
          for statement in jsondecode(policy).Statement : [
            for pair in setproduct(statement.Action, statement.Resource) : "${pair[0]} ${element(split(":", pair[1]), 5)}" if startswith(pair[0], "dynamodb:")
          ]
      ]))
      } == {
      users  = toset([for action in ["UpdateItem"] : "dynamodb:${action} table/mock"])
      images = toset(concat([for action in ["BatchGetItem", "ConditionCheckItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"] : "dynamodb:${action} table/mock"], ["dynamodb:Query table/mock/index/by_capture_time"]))
      ingest = toset(concat([for action in ["DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"] : "dynamodb:${action} table/mock"], ["dynamodb:BatchWriteItem table/mock", "dynamodb:Query table/mock/index/due"]))
    }
    error_message = "Each function has access to the records and the index that it uses."
  }

  assert {
    condition     = !strcontains("${module.events_function.policy}${module.triggers_function.policy}", "Item\"")
    error_message = "Neither the events function nor the triggers have access to the table."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(module.users_function.policy).Statement :
      !anytrue([for action in statement.Action : startswith(action, "s3:") || startswith(action, "sqs:")])
    ])
    error_message = "The users function has access to neither images nor the queue."
  }

  assert {
    condition     = alltrue([for policy in [module.images_function.policy, module.ingest_function.policy, module.render_function.policy, module.triggers_function.policy] : !strcontains(policy, "cognito-idp:")])
    error_message = "Only the users function has access to accounts."
  }

  assert {
    condition     = toset([for statement in jsondecode(module.triggers_function.policy).Statement : statement.Sid]) == toset(["WriteLogs", "WriteTraces"])
    error_message = "The triggers may log, and nothing else."
  }

  assert {
    condition     = output.api_url == "https://mock.execute-api.eu-west-1.amazonaws.com"
    error_message = "The URL has no trailing slash."
  }

  assert {
    condition     = output.issuer == "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Mock"
    error_message = "The issuer is the pool's."
  }

  assert {
    condition     = output.bucket == "images-upload-test-images-123456789012-eu-west-1"
    error_message = "Names come from project and environment."
  }

  assert {
    condition     = output.functions.ingest.name == "images-upload-test-ingest"
    error_message = "Names come from project and environment."
  }

  assert {
    condition     = output.records_table == "images-upload-test-records" && output.event_bus == "images-upload-test"
    error_message = "Names come from project and environment."
  }

  assert {
    condition     = toset([for key, route in output.routes : key if route.tag == "page"]) == toset(["GET /", "HEAD /", "GET /assets/{proxy+}", "HEAD /assets/{proxy+}"])
    error_message = "The page has its routes, public ones."
  }

  assert {
    condition     = local.storage_origin == "https://images-upload-test-images-123456789012-eu-west-1.s3.eu-west-1.amazonaws.com"
    error_message = "It may load from the origin of presigned URLs."
  }

  assert {
    condition     = toset([for statement in jsondecode(module.web_function[0].policy).Statement : statement.Sid]) == toset(["WriteLogs", "WriteTraces"])
    error_message = "Its function may log, and nothing else."
  }

  assert {
    condition     = length(module.cdn) == 0 && length(local.request_secrets) == 0
    error_message = "By default, the gateway is open to everybody."
  }
}

run "a_key_of_our_own_versions_and_no_page" {
  variables {
    bucket_versioning      = true
    kms_key_arn            = "arn:aws:kms:eu-west-1:123456789012:key/mock"
    s3_public_endpoint_url = "http://127.0.0.1:4566"
    web_page               = false
  }

  assert {
    condition = alltrue([
      for policy in [module.users_function.policy, module.images_function.policy, module.ingest_function.policy] :
      alltrue([
        for statement in jsondecode(policy).Statement :
        can(statement.Condition.StringEquals["kms:ViaService"]) && statement.Resource == ["arn:aws:kms:eu-west-1:123456789012:key/mock"]
        if anytrue([for action in statement.Action : startswith(action, "kms:")])
      ])
    ])
    error_message = "The key may be used through services only."
  }

  assert {
    condition = alltrue([
      for policy in [module.users_function.policy, module.images_function.policy, module.ingest_function.policy] :
      strcontains(policy, "kms:GenerateDataKey")
    ]) && !strcontains(module.triggers_function.policy, "kms:")
    error_message = "Those who write objects may use their key; the triggers do not."
  }

  assert {
    condition = {
      for statement in jsondecode(module.ingest_function.policy).Statement : statement.Sid => [statement.Action, statement.Resource] if endswith(statement.Sid, "Versions")
      } == {
      ListVersions = [["s3:ListBucketVersions"], ["arn:aws:s3:::images-upload-test-images-123456789012-eu-west-1"]]
      RemoveVersions = [["s3:DeleteObjectVersion"], [
        "arn:aws:s3:::images-upload-test-images-123456789012-eu-west-1/users/*",
        "arn:aws:s3:::images-upload-test-images-123456789012-eu-west-1/incoming/*",
      ]]
    }
    error_message = "Deleted accounts leave no versions behind."
  }

  assert {
    condition     = length(module.web_function) == 0 && length([for route in output.routes : route if route.tag == "page"]) == 0
    error_message = "Without it, there is neither a function nor a route."
  }

  assert {
    condition     = local.storage_origin == "http://127.0.0.1:4566"
    error_message = "An emulator has all buckets under one name."
  }
}

run "other_partitions" {
  variables {
    region      = "cn-north-1"
    kms_key_arn = "arn:aws-cn:kms:cn-north-1:123456789012:key/mock"
  }

  override_data {
    target = data.aws_partition.current
    values = { partition = "aws-cn", dns_suffix = "amazonaws.com.cn" }
  }

  assert {
    condition = alltrue([
      for policy in [module.users_function.policy, module.images_function.policy, module.ingest_function.policy] :
      alltrue([
        for statement in jsondecode(policy).Statement : alltrue([
          for service in try(statement.Condition.StringEquals["kms:ViaService"], []) :
          contains([for name in ["s3", "sqs", "dynamodb"] : "${name}.cn-north-1.amazonaws.com.cn"], service)
        ])
      ])
    ])
    error_message = "The services' domain names end with the partition's suffix."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(module.images_function.policy).Statement : alltrue([
        for resource in statement.Resource : startswith(resource, "arn:aws-cn:")
      ]) if anytrue([for action in statement.Action : startswith(action, "s3:")])
    ])
    error_message = "ARNs begin with the partition."
  }
}

run "regions_of_every_partition" {
  command = plan
  variables {
    region = "eusc-de-east-1"
  }

  assert {
    condition     = output.functions.users.name == "images-upload-test-users"
    error_message = "A region's name may begin with four letters."
  }
}

run "the_longest_names_fit" {
  variables {
    project     = "a-project-20-letters"
    environment = "production"
    region      = "ap-southeast-1"
  }

  assert {
    condition     = output.bucket == "a-project-20-letters-production-123456789012-ap-southeast-1"
    error_message = "A bucket's name has at most 63 characters."
  }
}

run "cdn" {
  variables {
    origin_secrets = ["the-new-secret-of-32-characters-or-more", "the-old-secret-of-32-characters-or-more"]
    api_domain     = { name = "origin.example.com", certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/mock" }
    cdn            = { domain = { name = "images.example.com", certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/mock" } }
  }

  assert {
    condition     = output.api_url == "https://images.example.com" && output.cdn_domain_target == "d111111abcdef8.cloudfront.net"
    error_message = "The API's URL is CloudFront's."
  }

  assert {
    condition     = nonsensitive(local.request_secrets["ORIGIN_SECRET"]) == "the-new-secret-of-32-characters-or-more the-old-secret-of-32-characters-or-more"
    error_message = "The functions accept either secret."
  }
}

run "webhooks" {
  variables {
    webhooks = {
      archive = {
        url        = "https://archive.example.com/events"
        events     = ["image.ready"]
        secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:archive-AbCdEf"
      }
    }
  }

  assert {
    condition     = module.webhooks.rules == { archive = { name = "images-upload-test-webhook-archive", bus = "images-upload-test" } }
    error_message = "What is published on the bus is posted."
  }

  assert {
    condition     = keys(output.webhooks) == ["archive"] && keys(module.observability.undelivered_alarms) == ["archive"]
    error_message = "Events that cannot be posted are kept, with an alarm."
  }
}

# Each run below refuses several variables at once, because each run starts the provider, which is slow.

run "values_of_the_wrong_form_are_refused" {
  command = plan

  variables {
    account_throttling = { rate = 1000, burst = 2000 } # more than the others
    bucket_lifecycle   = { incoming_days = 14 }        # messages live as long
    cors_origins       = ["*"]
    duplicates         = "ignore"
    environment        = "Production!"
    force_destroy      = true # and deletion_protection
    functions          = { triggers = { timeout_s = 10 } }
    identity_providers = { Google = { type = "Google", client_id = "client" } } # without a domain to sign in at
    limits             = { max_small_upload_bytes = 6000000 }
    origin_secrets     = ["secret"]
    quotas             = { max_images_per_user = 0 }
    region             = "Ireland"
    threat_response    = { high_risk = "IGNORE" }
    token_lifetimes    = { access_minutes = 2 }
  }

  expect_failures = [
    var.account_throttling,
    var.bucket_lifecycle,
    var.cors_origins,
    var.duplicates,
    var.environment,
    var.force_destroy,
    var.functions,
    var.identity_providers,
    var.limits,
    var.origin_secrets,
    var.quotas,
    var.region,
    var.threat_response,
    var.token_lifetimes,
  ]
}

run "values_that_do_not_go_together_are_refused" {
  command = plan

  variables {
    bucket_lifecycle   = { abort_multipart_after_days = 1 } # an upload may take as long
    callback_urls      = ["https://app.example.com/"]
    cdn                = {} # without a name for the API behind it, or a secret
    identity_providers = { Twitter = { type = "Twitter", client_id = "client" } }
    sign_in_domain     = { name = "images-upload-test" }
    threat_protection  = "ENFORCED"           # without an address to send mails from
    token_lifetimes    = { refresh_days = 0 } # less than an access token
    user_pool_tier     = "PLUS"
  }

  expect_failures = [
    var.bucket_lifecycle,
    var.cdn,
    var.identity_providers,
    var.threat_protection,
    var.token_lifetimes,
  ]
}

run "images_do_not_expire_and_the_network_needs_a_secret" {
  command = plan

  variables {
    api_domain       = { name = "origin.example.com", certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/mock" }
    bucket_lifecycle = { expire_prefix_after_days = { "users/" = 1 } }
    cdn              = {}
    threat_response  = { trusted_addresses = ["192.0.2.0/24"] } # without threat protection
  }

  expect_failures = [var.bucket_lifecycle, var.cdn, var.threat_response]
}

run "certificates_of_other_regions_are_refused" {
  command = plan

  variables {
    api_domain     = { name = "origin.example.com", certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/mock" }
    cdn            = { domain = { name = "images.example.com", certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/mock" } }
    origin_secrets = ["the-new-secret-of-32-characters-or-more"]
  }

  expect_failures = [var.cdn]
}

run "a_partition_without_cloudfront_is_refused" {
  command = plan

  variables {
    api_domain     = { name = "origin.example.com", certificate_arn = "arn:aws-us-gov:acm:us-gov-west-1:123456789012:certificate/mock" }
    cdn            = {}
    origin_secrets = ["the-new-secret-of-32-characters-or-more"]
    region         = "us-gov-west-1"
  }

  expect_failures = [var.cdn]
}
