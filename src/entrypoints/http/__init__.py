"""The HTTP API: routes, request bodies and problem details, based on Powertools' HTTP API resolver."""
