"""A mount namespace in which a folder stands at `/opt/ml`, for scripts that name that path themselves.

`unshare` of util-linux makes one without a privilege where the kernel lets users have namespaces; the script
then sees itself as root, as in SageMaker's container. What else lies in `/opt` stays visible.
"""

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

MOUNTS = """
set -e
ml=$1 opt=$2
shift 2
if [ -d /opt/ml ]; then
  mount --bind "$ml" /opt/ml
else
  mount -t tmpfs -o mode=755 spotter "$opt"
  for entry in /opt/* /opt/.[!.]*; do
    name=${entry##*/}
    if [ -d "$entry" ]; then
      mkdir "$opt/$name" && mount --rbind "$entry" "$opt/$name"
    elif [ -e "$entry" ]; then
      : > "$opt/$name" && mount --bind "$entry" "$opt/$name"
    fi
  done
  mkdir "$opt/ml"
  mount --bind "$ml" "$opt/ml"
  mount --rbind "$opt" /opt
fi
exec "$@"
"""
HOW = (
    "Read the paths from the environment (SM_MODEL_DIR, SM_CHANNEL_TRAINING, SM_OUTPUT_DATA_DIR) or from "
    "arguments, or rehearse on Linux where unprivileged user namespaces are allowed "
    "(sysctl kernel.unprivileged_userns_clone=1, or kernel.apparmor_restrict_unprivileged_userns=0)."
)
"""What to do where there is no such namespace."""


def within(ml: Path, scratch: Path, command: list[str]) -> list[str]:
    """The command that runs this command with `ml` at `/opt/ml`; `scratch` is an empty folder."""
    shell = ["sh", "-c", MOUNTS, "sh", str(ml), str(scratch)]
    return ["unshare", "--user", "--map-root-user", "--mount", *shell, *command]


@cache
def is_possible() -> bool:
    """True if this machine lets this user have one; `/opt` has to be there."""
    if sys.platform != "linux" or not shutil.which("unshare") or not Path("/opt").is_dir():
        return False
    tried = ["unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "x", "/opt"]
    return subprocess.run(tried, capture_output=True, stdin=subprocess.DEVNULL).returncode == 0
