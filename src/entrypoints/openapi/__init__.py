"""The API's description, ``openapi.json``, generated from the routes and their models (OpenAPI 3.1)."""
