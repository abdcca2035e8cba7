"""Downloads packages of a Debian release for any architecture with a private apt root.

The machine's own package state is neither read nor changed, and no privilege is needed: apt uses separate
directories for the target architecture and only downloads. The archive's signatures are verified against
Debian's keyring, regardless of the machine's apt configuration.
"""

import fcntl
import hashlib
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

RELEASE = "trixie"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
DEFAULT_MIRROR = "http://deb.debian.org/debian"
DEFAULT_SECURITY_MIRROR = "http://deb.debian.org/debian-security"

# `#clear` removes the machine's apt hooks, which would run on the machine or change it.
_APT_CONFIGURATION = """\
#clear APT::Architectures;
#clear APT::Update;
#clear DPkg;
APT::Architecture "{architecture}";
APT::Architectures {{ "{architecture}"; }};
APT::Install-Recommends "false";
APT::Get::Assume-Yes "true";
APT::Get::AllowUnauthenticated "false";
APT::Update::Error-Mode "any";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
Acquire::AllowDowngradeToInsecureRepositories "false";
Acquire::Languages {{ "none"; }};
Acquire::Retries "3";
Dir::State "{root}/state";
Dir::State::status "{root}/state/status";
Dir::Cache "{root}/cache";
Dir::Cache::archives "archives";
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "srcpkgcache.bin";
Dir::Etc::sourcelist "{root}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::Etc::trusted "/dev/null";
Dir::Etc::trustedparts "/dev/null";
"""


class BuildError(Exception):
    """The layer cannot be built; the message tells the user why."""


@dataclass(frozen=True)
class Package:
    """A downloaded Debian package."""

    name: str
    version: str
    source: str
    source_version: str
    archive: Path

    @property
    def sha256(self) -> str:
        """SHA-256 of the package file, in hexadecimal."""
        return hashlib.sha256(self.archive.read_bytes()).hexdigest()

    def unpack(self, directory: Path) -> None:
        """Extract the package's files to a directory without running the package's scripts."""
        directory.mkdir(parents=True, exist_ok=True)
        _run(["dpkg-deb", "--extract", str(self.archive), str(directory)])


@dataclass(frozen=True)
class Mirrors:
    """Base URLs of the Debian archive and of its security archive."""

    main: str
    security: str


def machine_mirrors(os_release: Path = Path("/etc/os-release")) -> Mirrors:
    """Return the mirrors of this machine's apt if it runs Debian, else Debian's own URLs."""
    if not shutil.which("apt-get"):
        return Mirrors(DEFAULT_MIRROR, DEFAULT_SECURITY_MIRROR)
    command = ["apt-get", "update", "--print-uris"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found = re.findall(r"^'(\S+?)/?/dists/([a-z]+)(-security)?/InRelease'", listed, re.MULTILINE)
    system = _key_values(os_release)
    own_release = system.get("VERSION_CODENAME") if system.get("ID") == "debian" else None
    bases = {security: base for base, release, security in found if release == own_release}
    return Mirrors(bases.get("", DEFAULT_MIRROR), bases.get("-security", DEFAULT_SECURITY_MIRROR))


def what_is_lacking(keyring: Path = KEYRING) -> str | None:
    """Say why this machine cannot download Debian's packages and what to do; ``None`` if it can."""
    for tool in ("apt-get", "dpkg-deb"):
        if not shutil.which(tool):
            return f"{tool} is needed to download Debian's packages; Debian and Ubuntu have it"
    if not keyring.exists():
        return f"{keyring} is missing; install the package debian-archive-keyring"
    return None


def download(
    names: list[str], architecture: str, root: Path, mirrors: Mirrors, keyring: Path = KEYRING
) -> list[Package]:
    """Download packages and their dependencies in the newest versions of the release and its updates.

    ``architecture`` is Debian's name; ``root`` keeps apt's state and the packages for the next time.
    Raises BuildError if a tool or the keyring is missing, or if a download or signature is bad.
    """
    if lacking := what_is_lacking(keyring):
        raise BuildError(lacking)
    root.mkdir(parents=True, exist_ok=True)
    with (root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # apt fails instead of waiting
        return _download(names, _prepare(root.resolve(), architecture, mirrors, keyring))


def _download(names: list[str], configuration: Path) -> list[Package]:
    apt_get = ["apt-get", "-c", str(configuration)]
    _run([*apt_get, "update"])
    plan = _run([*apt_get, "--simulate", "install", *names])
    wanted = set(re.findall(r"^Inst (\S+) \((\S+) ", plan, re.MULTILINE))
    _run([*apt_get, "--download-only", "install", *names])
    archives = sorted((configuration.parent / "cache/archives").glob("*.deb"))
    packages = [_describe(archive) for archive in archives]
    chosen = [package for package in packages if (package.name, package.version) in wanted]
    if len(chosen) != len(wanted):
        raise BuildError(f"apt planned {len(wanted)} packages and downloaded {len(chosen)}")
    return chosen


def _prepare(root: Path, architecture: str, mirrors: Mirrors, keyring: Path) -> Path:
    for directory in ("state/lists/partial", "cache/archives/partial"):
        (root / directory).mkdir(parents=True, exist_ok=True)
    (root / "state/status").touch()
    sources = (
        (mirrors.main, RELEASE),
        (mirrors.main, f"{RELEASE}-updates"),
        (mirrors.security, f"{RELEASE}-security"),
    )
    lines = [f"deb [signed-by={keyring}] {base} {suite} main\n" for base, suite in sources]
    (root / "sources.list").write_text("".join(lines))
    configuration = root / "apt.conf"
    configuration.write_text(_APT_CONFIGURATION.format(architecture=architecture, root=root))
    return configuration


def _describe(archive: Path) -> Package:
    fields = "${Package}\t${Version}\t${source:Package}\t${source:Version}"
    shown = _run(["dpkg-deb", "--show", f"--showformat={fields}", str(archive)])
    name, version, source, source_version = shown.split("\t")
    return Package(name, version, source, source_version, archive)


def _key_values(path: Path) -> dict[str, str]:
    lines = path.read_text().splitlines() if path.exists() else []
    pairs = (line.split("=", 1) for line in lines if "=" in line)
    return {key: value.strip('"') for key, value in pairs}


def _run(command: list[str]) -> str:
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise BuildError(f"`{' '.join(command)}` failed:\n{result.stderr.strip() or result.stdout.strip()}")
    return result.stdout
