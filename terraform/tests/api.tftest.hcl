# What the HTTP API lets through. The routes are those of the real openapi.json.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name         = "images-upload-test"
  openapi_file = "../openapi.json"
  functions_by_tag = {
    users   = { name = "users", alias = "live", invoke_arn = "arn:aws:apigateway:eu-west-1:lambda:path/users/invocations" }
    images  = { name = "images", alias = "live", invoke_arn = "arn:aws:apigateway:eu-west-1:lambda:path/images/invocations" }
    service = { name = "users", alias = "live", invoke_arn = "arn:aws:apigateway:eu-west-1:lambda:path/users/invocations" }
  }
  jwt_issuer         = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Mock"
  jwt_audience       = ["server", "public"]
  throttling         = { rate = 100, burst = 200 }
  account_throttling = { rate = 10, burst = 20 }
  cors_origins       = []
  log_retention_days = 30
}

run "routes" {
  module {
    source = "./modules/api"
  }

  assert {
    condition = length([
      for key, route in aws_apigatewayv2_route.this : key if strcontains(key, " /v1/images") || strcontains(key, " /v1/uploads")
    ]) >= 6
    error_message = "The image routes are missing."
  }

  assert {
    condition = alltrue([
      for key, route in aws_apigatewayv2_route.this :
      route.authorization_type == "JWT" && route.authorizer_id == aws_apigatewayv2_authorizer.jwt.id
      if !startswith(key, "ANY ") && (strcontains(key, " /v1/images") || strcontains(key, " /v1/uploads"))
    ])
    error_message = "Every image route needs a token."
  }

  assert {
    condition = alltrue([
      for key, route in aws_apigatewayv2_route.this : route.authorization_type == "JWT"
      if !startswith(key, "ANY ") && strcontains(key, "/v1/users/me")
    ])
    error_message = "Every route of one's own account needs a token."
  }

  assert {
    condition = length(setsubtract(
      [for key, route in aws_apigatewayv2_route.this : key if route.authorization_type != "JWT" && !startswith(key, "ANY ")],
      [
        "GET /docs",
        "GET /healthz",
        "GET /openapi.json",
        "HEAD /docs",
        "HEAD /healthz",
        "HEAD /openapi.json",
        "POST /v1/passwords/forgot",
        "POST /v1/passwords/reset",
        "POST /v1/sessions",
        "POST /v1/sessions/challenge",
        "POST /v1/sessions/refresh",
        "POST /v1/sessions/revoke",
        "POST /v1/users",
        "POST /v1/users/confirm",
        "POST /v1/users/confirm/resend",
      ],
    )) == 0
    error_message = "A route is public that is not listed here."
  }

  assert {
    condition = alltrue([
      for key, route in aws_apigatewayv2_route.this :
      contains(keys(aws_apigatewayv2_route.this), replace(key, "HEAD ", "GET ")) if startswith(key, "HEAD ")
    ]) && contains(keys(aws_apigatewayv2_route.this), "HEAD /v1/images")
    error_message = "HEAD is where GET is."
  }

  assert {
    condition = (
      contains(keys(aws_apigatewayv2_route.this), "ANY /v1/images") &&
      toset([for key in keys(aws_apigatewayv2_route.this) : trimprefix(key, "ANY ") if startswith(key, "ANY ")]) ==
      toset([for key in keys(aws_apigatewayv2_route.this) : split(" ", key)[1] if !startswith(key, "ANY ")])
    )
    error_message = "Other methods are answered on the paths that there are, and on no others."
  }

  assert {
    condition     = alltrue([for key in keys(aws_apigatewayv2_route.this) : !strcontains(key, "$default") && !strcontains(key, "+}")])
    error_message = "No route may catch what openapi.json does not describe."
  }

  assert {
    condition     = !contains(keys(aws_apigatewayv2_route.this), "GET /")
    error_message = "There is no page unless a function serves it."
  }

  assert {
    condition = (
      aws_apigatewayv2_authorizer.jwt.authorizer_type == "JWT" &&
      aws_apigatewayv2_authorizer.jwt.jwt_configuration[0].issuer == "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Mock" &&
      aws_apigatewayv2_authorizer.jwt.jwt_configuration[0].audience == toset(["server", "public"])
    )
    error_message = "Tokens of the pool's two clients, and no others, are accepted."
  }

  assert {
    condition     = toset(keys(aws_lambda_permission.this)) == toset(["images", "users"])
    error_message = "Each function is permitted once."
  }

  assert {
    condition = alltrue([
      for permission in aws_lambda_permission.this :
      permission.qualifier == "live" && startswith(permission.source_arn, "arn:aws:execute-api:eu-west-1:123456789012:mock/")
    ])
    error_message = "Only this API may call the functions, and only their alias."
  }
}

run "page" {
  module {
    source = "./modules/api"
  }

  variables {
    functions_by_tag = {
      users   = { name = "users", alias = "live", invoke_arn = "arn:aws:apigateway:eu-west-1:lambda:path/users/invocations" }
      images  = { name = "images", alias = "live", invoke_arn = "arn:aws:apigateway:eu-west-1:lambda:path/images/invocations" }
      service = { name = "users", alias = "live", invoke_arn = "arn:aws:apigateway:eu-west-1:lambda:path/users/invocations" }
      page    = { name = "web", alias = "live", invoke_arn = "arn:aws:apigateway:eu-west-1:lambda:path/web/invocations" }
    }
  }

  assert {
    condition = [
      for key in ["GET /", "HEAD /", "GET /assets/{proxy+}", "HEAD /assets/{proxy+}"] : aws_apigatewayv2_route.this[key].authorization_type
    ] == ["NONE", "NONE", "NONE", "NONE"]
    error_message = "The page and what it loads are public."
  }

  assert {
    condition     = toset(keys(aws_lambda_permission.this)) == toset(["images", "users", "web"])
    error_message = "The API may call its function."
  }
}

run "limits_and_logs" {
  module {
    source = "./modules/api"
  }

  assert {
    condition = (
      aws_apigatewayv2_stage.default.default_route_settings[0].throttling_rate_limit == 100 &&
      aws_apigatewayv2_stage.default.default_route_settings[0].throttling_burst_limit == 200
    )
    error_message = "Every route is throttled."
  }

  assert {
    condition = alltrue([
      for key in ["POST /v1/users", "POST /v1/users/confirm", "POST /v1/users/confirm/resend", "POST /v1/sessions", "POST /v1/sessions/refresh"] :
      contains([
        for settings in aws_apigatewayv2_stage.default.route_settings : settings.route_key
        if settings.throttling_rate_limit == 10 && settings.throttling_burst_limit == 20
      ], key)
    ])
    error_message = "The public account routes are throttled more."
  }

  assert {
    condition     = aws_cloudwatch_log_group.access.retention_in_days == 30
    error_message = "Access logs are kept for the configured time."
  }

  assert {
    condition     = !can(regex("(?i)authorization|querystring|requestOverride|body", aws_apigatewayv2_stage.default.access_log_settings[0].format))
    error_message = "Access logs must not hold tokens or addresses."
  }

  assert {
    condition     = !aws_apigatewayv2_api.this.disable_execute_api_endpoint && length(aws_apigatewayv2_api.this.cors_configuration) == 0
    error_message = "Without a domain the API is at AWS's address, and without origins no web page may call it."
  }
}

run "custom_domain_and_origins" {
  module {
    source = "./modules/api"
  }

  variables {
    cors_origins = ["https://app.example.com"]
    custom_domain = {
      name            = "api.example.com"
      certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/mock"
      zone_id         = "Z123"
    }
  }

  assert {
    condition     = aws_apigatewayv2_api.this.disable_execute_api_endpoint && output.url == "https://api.example.com"
    error_message = "With a domain of its own the API is only there."
  }

  assert {
    condition     = aws_apigatewayv2_domain_name.this[0].domain_name_configuration[0].security_policy == "TLS_1_2"
    error_message = "TLS 1.2 at least."
  }

  assert {
    condition     = toset(keys(aws_route53_record.this)) == toset(["A", "AAAA"])
    error_message = "The zone gets both records."
  }

  assert {
    condition     = aws_apigatewayv2_api.this.cors_configuration[0].allow_origins == toset(["https://app.example.com"])
    error_message = "Only the named origins."
  }

  assert {
    condition = (
      aws_apigatewayv2_api.this.cors_configuration[0].allow_headers == toset(["authorization", "content-type", "idempotency-key", "if-match", "if-none-match", "x-checksum-sha256"]) &&
      aws_apigatewayv2_api.this.cors_configuration[0].expose_headers == toset(["etag", "location", "retry-after", "www-authenticate", "x-request-id"])
    )
    error_message = "Scripts may send and read every header of the description."
  }
}
