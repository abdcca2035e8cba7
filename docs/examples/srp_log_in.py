"""Log in to Cognito directly with SRP: the password never leaves this machine.

    USER_POOL_ID=… USER_POOL_PUBLIC_CLIENT_ID=… python srp_log_in.py ada@example.com

asks for the password and prints the tokens as JSON. Needs boto3 and no AWS credentials: both calls are
public. For production code, the package pycognito does the same and more.

SRP-6a (RFC 5054) in the 3072-bit group with generator 2 and SHA-256, with a session key derived as in
Cognito's own SDKs: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html
"""

import base64
import getpass
import hashlib
import hmac
import json
import os
import secrets
import sys
import unicodedata
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config

GENERATOR = 2
PRIME = int(
    "FFFFFFFF FFFFFFFF C90FDAA2 2168C234 C4C6628B 80DC1CD1 29024E08 8A67CC74 020BBEA6 3B139B22 514A0879"
    "8E3404DD EF9519B3 CD3A431B 302B0A6D F25F1437 4FE1356D 6D51C245 E485B576 625E7EC6 F44C42E9 A637ED6B"
    "0BFF5CB6 F406B7ED EE386BFB 5A899FA5 AE9F2411 7C4B1FE6 49286651 ECE45B3D C2007CB8 A163BF05 98DA4836"
    "1C55D39A 69163FA8 FD24CF5F 83655D23 DCA3AD96 1C62F356 208552BB 9ED52907 7096966D 670C354E 4ABC9804"
    "F1746C08 CA18217C 32905E46 2E36CE3B E39E772C 180E8603 9B2783A2 EC07A28F B5C55DF0 6F4C52C9 DE2BCBF6"
    "95581718 3995497C EA956AE5 15D22618 98FA0510 15728E5A 8AAAC42D AD33170D 04507A33 A85521AB DF1CBA64"
    "ECFB8504 58DBEF0A 8AEA7157 5D060C7D B3970F85 A6E1E4C7 ABF5AE8C DB0933D7 1E8C94E0 4A25619D CEE3D226"
    "1AD2EE6B F12FFA06 D98A0864 D8760273 3EC86A64 521F2B18 177B200C BBE11757 7A615D6C 770988C0 BAD946E2"
    "08E24FA0 74E5AB31 43DB5BFC E0FD108E 4B82D120 A93AD2CA FFFFFFFF FFFFFFFF".replace(" ", ""),
    16,
)
"""The 3072-bit group of RFC 3526."""


def log_in(cognito: Any, user_pool_id: str, client_id: str, email: str, password: str) -> dict[str, Any]:
    """Log in and return Cognito's AuthenticationResult, or its next challenge."""
    private = secrets.randbelow(PRIME - 2) + 1
    public = pow(GENERATOR, private, PRIME)
    challenge = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_SRP_AUTH",
        AuthParameters={"USERNAME": email, "SRP_A": f"{public:x}"},
    )["ChallengeParameters"]
    now = datetime.now(UTC)
    timestamp = f"{now:%a %b} {now.day} {now:%H:%M:%S UTC %Y}"
    key = _session_key(
        private,
        public,
        int(challenge["SRP_B"], 16),
        int(challenge["SALT"], 16),
        f"{user_pool_id.partition('_')[2]}{challenge['USER_ID_FOR_SRP']}:{password}",
    )
    message = (
        user_pool_id.partition("_")[2].encode()
        + challenge["USER_ID_FOR_SRP"].encode()
        + base64.b64decode(challenge["SECRET_BLOCK"])
        + timestamp.encode()
    )
    answer = cognito.respond_to_auth_challenge(
        ClientId=client_id,
        ChallengeName="PASSWORD_VERIFIER",
        ChallengeResponses={
            "USERNAME": challenge["USER_ID_FOR_SRP"],
            "PASSWORD_CLAIM_SECRET_BLOCK": challenge["SECRET_BLOCK"],
            "TIMESTAMP": timestamp,
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(hmac.digest(key, message, "sha256")).decode(),
        },
    )
    result: dict[str, Any] = answer.get("AuthenticationResult") or {
        "ChallengeName": answer["ChallengeName"],
        "Session": answer["Session"],
    }
    return result


def _session_key(private: int, public: int, server_public: int, salt: int, identity: str) -> bytes:
    """Derive the 16 bytes that the server derives from its verifier (HKDF, RFC 5869)."""
    if server_public % PRIME == 0:
        raise ValueError("The server's public value is not valid.")
    scrambling = _hash(_padded(public), _padded(server_public))
    secret_exponent = _hash(_padded(salt), hashlib.sha256(identity.encode()).digest())
    multiplier = _hash(_padded(PRIME), _padded(GENERATOR))
    base = (server_public - multiplier * pow(GENERATOR, secret_exponent, PRIME)) % PRIME
    shared = pow(base, private + scrambling * secret_exponent, PRIME)
    extracted = hmac.digest(_padded(scrambling), _padded(shared), "sha256")
    return hmac.digest(extracted, b"Caldera Derived Key\x01", "sha256")[:16]


def _padded(number: int) -> bytes:
    """Encode as big-endian, with a leading zero byte if the first bit is set, as for a signed integer."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _hash(*values: bytes) -> int:
    return int.from_bytes(hashlib.sha256(b"".join(values)).digest(), "big")


def main() -> None:
    """Log in with the e-mail address of the command line."""
    user_pool_id = os.environ["USER_POOL_ID"]
    cognito = boto3.client(
        "cognito-idp", region_name=user_pool_id.partition("_")[0], config=Config(signature_version=UNSIGNED)
    )
    typed = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    # Keyboards encode the same letter in different ways, so the API normalises passwords (NIST SP 800-63B).
    password = unicodedata.normalize("NFKC", typed)
    result = log_in(cognito, user_pool_id, os.environ["USER_POOL_PUBLIC_CLIENT_ID"], sys.argv[1], password)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
