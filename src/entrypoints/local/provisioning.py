"""Makes in the emulator what Terraform makes in AWS: the user pool, its client and the bucket."""

from dataclasses import dataclass

from botocore.exceptions import ClientError

from entrypoints.local.emulator import REGION, Emulator

POOL_NAME = "images-upload-api-local"
CLIENT_NAME = "server"
BUCKET = "images-upload-api-local"


@dataclass(frozen=True, slots=True)
class Resources:
    """The names of the resources that the functions use."""

    user_pool_id: str
    user_pool_client_id: str
    images_bucket: str
    issuer: str


def provision(emulator: Emulator) -> Resources:
    """Make what is missing; what an earlier run made stays as it is."""
    cognito = emulator.client("cognito-idp")
    pools = cognito.list_user_pools(MaxResults=60)["UserPools"]
    pool_id = next((pool["Id"] for pool in pools if pool["Name"] == POOL_NAME), None)
    if pool_id is None:
        pool_id = cognito.create_user_pool(
            PoolName=POOL_NAME,
            UsernameAttributes=["email"],
            AutoVerifiedAttributes=["email"],
            UsernameConfiguration={"CaseSensitive": False},
            MfaConfiguration="OPTIONAL",
            Policies={
                "PasswordPolicy": {
                    "MinimumLength": 12,
                    "RequireLowercase": True,
                    "RequireUppercase": True,
                    "RequireNumbers": True,
                    "RequireSymbols": False,
                }
            },
        )["UserPool"]["Id"]
    clients = cognito.list_user_pool_clients(UserPoolId=pool_id, MaxResults=60)["UserPoolClients"]
    client_id = next(
        (client["ClientId"] for client in clients if client["ClientName"] == CLIENT_NAME), None
    )
    if client_id is None:
        client_id = cognito.create_user_pool_client(
            UserPoolId=pool_id,
            ClientName=CLIENT_NAME,
            GenerateSecret=False,
            ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            PreventUserExistenceErrors="ENABLED",
            EnableTokenRevocation=True,
        )["UserPoolClient"]["ClientId"]
    storage = emulator.client("s3")
    try:
        storage.head_bucket(Bucket=BUCKET)
    except ClientError:
        storage.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    return Resources(
        user_pool_id=pool_id,
        user_pool_client_id=client_id,
        images_bucket=BUCKET,
        issuer=f"https://cognito-idp.{REGION}.amazonaws.com/{pool_id}",
    )
