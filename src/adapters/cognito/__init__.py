"""Amazon Cognito: the identity provider."""
