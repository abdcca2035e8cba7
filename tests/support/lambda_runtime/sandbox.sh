# Makes a file system like that of a Lambda function, and runs a command in it as nobody:
#
#   unshare --mount sh sandbox.sh ROOT TEMPORARY_MB PYTHON CLIENT TASK LAYER BECOME_NOBODY COMMAND...
#
# ROOT is an empty folder; the folders after the size are what is seen of them at /usr, /var/runtime, /var/task
# and /opt. BECOME_NOBODY are arguments of unshare. It needs the rights to mount, and nobody else sees what it
# mounts.
set -eu
root=$1 temporary_mb=$2 python=$3 client=$4 task=$5 layer=$6 become_nobody=$7
shift 7

mount -t tmpfs -o size=1m,mode=755 sandbox "$root"
cd "$root"
mkdir -p dev opt proc tmp usr var/runtime var/task
ln -s usr/bin usr/lib usr/lib64 .

show() { # FOLDER AT
  mount --bind "$1" "$2"
  # A remount may not lose what the file system below was mounted with; these two it may always gain.
  mount -o remount,bind,ro,nosuid,nodev "$2"
}
show "$python" usr
show "$client" var/runtime
show "$task" var/task
show "$layer" opt

for device in null zero random urandom; do
  : >"dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
mount --rbind /proc proc
mount -t tmpfs -o "size=${temporary_mb}m,mode=1777,nosuid,nodev" temporary tmp
mount -o remount,bind,ro,nosuid,nodev "$root"

# shellcheck disable=SC2086 # they are several
exec unshare $become_nobody --root "$root" --wd /var/task "$@"
