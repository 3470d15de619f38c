"""A copy of this machine that a script may change as root, and that is gone with it: an overlay, in own namespaces."""

import os
import subprocess
import sysconfig
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[3]
_PACKAGES = Path(sysconfig.get_path("purelib"))
_TIMEOUT = 120
# Nothing of the machine is written to: the overlay's upper part is in memory, and the checkout is bound read-only.
_ENTER = """
set -e
mount -t tmpfs -o mode=0755 scratch "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" overlay "$1/root"
mkdir -p "$1/root$2"
mount --bind "$2" "$1/root$2"
mount -o remount,bind,ro "$1/root$2"
mount --rbind /dev "$1/root/dev"
mount -t proc proc "$1/root/proc"
ip link set lo up
exec chroot "$1/root" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
    LANG=C.UTF-8 bash -e -s
"""
# As `pip install .` leaves it, with the packages of the checkout's own environment.
_PROGRAM = f"""
for folder in $(echo {ROOT} | awk -F/ '{{path = ""; for (i = 2; i < NF; i++) {{path = path "/" $i; print path}}}}'); do
  chmod o+x "$folder"
done
userdel vigie 2>/dev/null || true
groupdel vigie-observe 2>/dev/null || true
rm -rf /opt/vigie /etc/vigie /var/lib/vigie /srv/vigie
/usr/bin/python3 -m venv --without-pip /opt/vigie
echo 'import site; site.addsitedir("{_PACKAGES}")' > /opt/vigie/lib/{_PACKAGES.parent.name}/site-packages/checkout.pth
mkdir -p /opt/vigie/share /usr/local/src/vigie
ln -s {ROOT} /opt/vigie/share/vigie
printf '#!/opt/vigie/bin/python\\nfrom vigie.cli import main\\nmain()\\n' > /opt/vigie/bin/vigie
chmod 755 /opt/vigie/bin/vigie
cd /usr/local/src/vigie
ln -s {ROOT}/examples examples
"""


def may_be_made() -> bool:
    """Whether this process may mount an overlay and change root."""
    command = ["unshare", "--mount", "--net", "--pid", "--fork", "true"]
    return os.geteuid() == 0 and subprocess.run(command, capture_output=True, check=False, timeout=30).returncode == 0


def run(script: str) -> subprocess.CompletedProcess[str]:
    """Run a script as root in a copy of this machine on which Vigie's program, and nothing else of it, is installed.

    Args:
        script: for bash, stopped by the first command that fails; without network.
    """
    with tempfile.TemporaryDirectory(prefix="vigie-root-") as folder:
        return subprocess.run(
            [
                "unshare",
                "--mount",
                "--net",
                "--pid",
                "--fork",
                "--kill-child",
                "sh",
                "-c",
                _ENTER,
                "sh",
                folder,
                str(ROOT),
            ],
            input=_PROGRAM + script,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )
