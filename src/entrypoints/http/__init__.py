"""The HTTP API: routes, request bodies, and problem details, on Powertools' HTTP API resolver."""
