# The HTTP API. Its routes are the operations of the OpenAPI description: one with `security` needs a
# token, and its tag names the function that serves it. Each path with GET also has HEAD. Other methods on
# the same paths need no token: the function responds to them with 405 and the allowed methods.
# The web page is not an operation: it has its own routes if a function serves it.

locals {
  document = jsondecode(file(var.openapi_file))
  methods  = ["delete", "get", "head", "options", "patch", "post", "put"]

  # The same paths as in src/entrypoints/http/web_page.py.
  page_routes = ["GET /", "HEAD /", "GET /assets/{proxy+}", "HEAD /assets/{proxy+}"]

  operations = merge([
    for path, item in local.document.paths : {
      for method, operation in item : "${upper(method)} ${path}" => {
        tag         = operation.tags[0]
        secured     = length(try(operation.security, local.document.security, [])) > 0
        takes_bytes = length(setsubtract(keys(try(operation.requestBody.content, {})), ["application/json"])) > 0
      } if contains(local.methods, method)
    }
  ]...)

  heads  = { for key, operation in local.operations : "HEAD ${trimprefix(key, "GET ")}" => operation if startswith(key, "GET ") }
  others = { for path, item in local.document.paths : "ANY ${path}" => { tag = values(item)[0].tags[0], secured = false } }
  pages  = { for key in local.page_routes : key => { tag = "page", secured = false } if contains(keys(var.functions_by_tag), "page") }
  routes = merge(local.others, local.heads, local.operations, local.pages)

  # Scripts of other origins may send and read the headers that the description names.
  request_headers = flatten([
    for item in values(local.document.paths) : [
      for operation in values(item) : [
        for parameter in try(operation.parameters, []) : lower(parameter.name) if try(parameter.in, null) == "header"
      ]
    ]
  ])
  own_responses = flatten([
    for item in values(local.document.paths) : [for operation in values(item) : values(try(operation.responses, {}))]
  ])
  allowed_headers = sort(distinct(concat(["authorization", "content-type"], local.request_headers)))
  responses       = concat(local.own_responses, values(try(local.document.components.responses, {})))
  exposed_headers = sort(distinct(flatten([for response in local.responses : [for name in keys(try(response.headers, {})) : lower(name)]])))

  # Routes where passwords and codes can be guessed.
  account_routes = toset([for key, route in local.routes : key if !route.secured && route.tag == "users"])

  # One integration and one permission for each function, even if two tags share it.
  functions     = { for function in values(var.functions_by_tag) : function.name => function... }
  custom_domain = var.custom_domain == null ? [] : [var.custom_domain]
}

resource "aws_apigatewayv2_api" "this" {
  name                         = var.name
  description                  = local.document.info.title
  protocol_type                = "HTTP"
  disable_execute_api_endpoint = var.custom_domain != null

  dynamic "cors_configuration" {
    for_each = length(var.cors_origins) == 0 ? [] : [var.cors_origins]

    content {
      allow_origins  = cors_configuration.value
      allow_methods  = ["DELETE", "GET", "PATCH", "POST", "PUT"]
      allow_headers  = local.allowed_headers
      expose_headers = local.exposed_headers
      max_age        = 3600
    }
  }
}

resource "aws_apigatewayv2_authorizer" "jwt" {
  api_id           = aws_apigatewayv2_api.this.id
  name             = "user-pool"
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]

  jwt_configuration {
    issuer   = var.jwt_issuer
    audience = var.jwt_audience
  }
}

resource "aws_apigatewayv2_integration" "this" {
  for_each = local.functions

  api_id                 = aws_apigatewayv2_api.this.id
  integration_type       = "AWS_PROXY"
  integration_uri        = each.value[0].invoke_arn
  payload_format_version = "2.0"
  timeout_milliseconds   = 30000
}

resource "aws_lambda_permission" "this" {
  for_each = local.functions

  statement_id  = "HttpApi"
  action        = "lambda:InvokeFunction"
  function_name = each.value[0].name
  qualifier     = each.value[0].alias
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.this.execution_arn}/*/*"
}

resource "aws_apigatewayv2_route" "this" {
  # checkov:skip=CKV_AWS_309:openapi.json says which few routes are public; tests/api.tftest.hcl lists them.

  for_each = local.routes

  api_id             = aws_apigatewayv2_api.this.id
  route_key          = each.key
  target             = "integrations/${aws_apigatewayv2_integration.this[var.functions_by_tag[each.value.tag].name].id}"
  authorization_type = each.value.secured ? "JWT" : "NONE"
  authorizer_id      = each.value.secured ? aws_apigatewayv2_authorizer.jwt.id : null
}

resource "aws_cloudwatch_log_group" "access" {
  # checkov:skip=CKV_AWS_338:The retention is a variable; logs with IP addresses should not be kept longer than needed.

  name              = "/aws/apigateway/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_apigatewayv2_stage" "default" {
  api_id      = aws_apigatewayv2_api.this.id
  name        = "$default"
  auto_deploy = true

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    # No query string and no header except the user agent, so no tokens or e-mail addresses.
    format = jsonencode({
      request_id         = "$context.requestId"
      time               = "$context.requestTime"
      source_ip          = "$context.identity.sourceIp"
      user_agent         = "$context.identity.userAgent"
      user_id            = "$context.authorizer.claims.sub"
      route              = "$context.routeKey"
      status             = "$context.status"
      response_bytes     = "$context.responseLength"
      latency_ms         = "$context.responseLatency"
      integration_ms     = "$context.integrationLatency"
      integration_status = "$context.integrationStatus"
      integration_error  = "$context.integrationErrorMessage"
      authorizer_error   = "$context.authorizer.error"
      gateway_error      = "$context.error.message"
    })
  }

  default_route_settings {
    detailed_metrics_enabled = var.detailed_metrics
    throttling_rate_limit    = var.throttling.rate
    throttling_burst_limit   = var.throttling.burst
  }

  dynamic "route_settings" {
    for_each = local.account_routes

    content {
      route_key                = route_settings.value
      detailed_metrics_enabled = var.detailed_metrics
      throttling_rate_limit    = var.account_throttling.rate
      throttling_burst_limit   = var.account_throttling.burst
    }
  }

  # A route's settings can only be created once the route exists.
  depends_on = [aws_apigatewayv2_route.this]
}

resource "aws_apigatewayv2_domain_name" "this" {
  count = length(local.custom_domain)

  domain_name = local.custom_domain[count.index].name

  domain_name_configuration {
    certificate_arn = local.custom_domain[count.index].certificate_arn
    endpoint_type   = "REGIONAL"
    security_policy = "TLS_1_2"
  }
}

resource "aws_apigatewayv2_api_mapping" "this" {
  count = length(local.custom_domain)

  api_id      = aws_apigatewayv2_api.this.id
  domain_name = aws_apigatewayv2_domain_name.this[count.index].id
  stage       = aws_apigatewayv2_stage.default.id
}

resource "aws_route53_record" "this" {
  for_each = var.custom_domain == null || try(var.custom_domain.zone_id, null) == null ? toset([]) : toset(["A", "AAAA"])

  zone_id = var.custom_domain.zone_id
  name    = var.custom_domain.name
  type    = each.value

  alias {
    name                   = aws_apigatewayv2_domain_name.this[0].domain_name_configuration[0].target_domain_name
    zone_id                = aws_apigatewayv2_domain_name.this[0].domain_name_configuration[0].hosted_zone_id
    evaluate_target_health = false
  }
}
