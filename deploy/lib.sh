# What deploy/run, deploy/test and .ci/run have in common. Sourced, not run.

set -euo pipefail
# Nothing here reads standard input, which may be closed; a file opened next would become descriptor 0.
exec </dev/null
# Debian keeps nginx where only root's PATH leads.
PATH=$PATH:/usr/sbin:/sbin

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Everything that is installed, in one place. Debian 12's names.
packages_to_build=(
    ca-certificates git                                  # to fetch the packages that Package.swift names
    binutils libc6-dev libgcc-12-dev libstdc++-12-dev    # to compile and link
    libcurl4 libedit2 libncurses6 libxml2 pkg-config     # used by the Swift toolchain itself
    libsqlite3-dev
)
packages_to_run=("${packages_to_build[@]}" nginx curl libvips-tools)    # the last makes pictures smaller
packages_to_package=("${packages_to_build[@]}" dpkg-dev lintian python3)
packages_to_test=(
    "${packages_to_run[@]}" "${packages_to_package[@]}" fcgiwrap man-db openssl python3-venv
    shellcheck strace systemd
    fail2ban                                             # reads what the shop tells of wrong passwords
    haproxy iproute2 nftables                            # what may stand in front of nginx, in networks of their own
    python3-jsonschema python3-yaml                      # what the API answers, beside its description
    prometheus                                           # promtool, which reads metrics and alert rules
    chromium fonts-noto-cjk default-jre-headless         # the pages, as people see them, and a checker of their HTML
    zbar-tools                                           # reads the pages' QR codes, as a camera does
)

packages_to_boot=(debootstrap systemd-container wrk)      # whole machines, and what loads them

say() { printf '%s\n' "$*"; }

# One line that says what is wrong and what to do about it.
refuse() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# Runs a command as root.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Whether as_root will work. sudo asks for a password only where somebody can see it.
can_be_root() {
    [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && { sudo -n true || { [ -t 2 ] && sudo -v; }; } 2>/dev/null; }
}

# Installs those of the named Debian packages that are missing.
install_packages() {
    local missing=() package
    command -v dpkg-query >/dev/null || refuse "this is not Debian: install by hand what deploy/lib.sh lists"
    for package; do
        [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null) == ii* ]] || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    can_be_root || refuse "Debian packages are missing: run as root: apt-get install ${missing[*]}"
    say "Installing Debian packages: ${missing[*]}"
    # Debian starts a service as soon as it is installed; policy-rc.d forbids that for as long as this takes.
    # shellcheck disable=SC2016
    as_root env DEBIAN_FRONTEND=noninteractive bash -euc '
        policy=/usr/sbin/policy-rc.d
        if [ ! -e $policy ]; then
            trap "rm -f $policy" EXIT
            printf "#!/bin/sh\nexit 101\n" >$policy
            chmod 755 $policy
        fi
        apt-get -qq -o DPkg::Lock::Timeout=120 update
        apt-get -qq -o DPkg::Lock::Timeout=120 install --no-install-recommends -y "$@" >/dev/null
    ' install "${missing[@]}" || refuse "apt-get could not install ${missing[*]}: see above, and try again"
}

require_swift() {
    command -v swift >/dev/null ||
        refuse "there is no swift on the PATH: install Swift 6.3 (https://www.swift.org/install/linux/debian/12)"
}

# After the packages: the toolchain does not start without some of them.
require_swift_6_3() {
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' || true)
    [ -n "$version" ] || refuse "swift --version does not work: install Swift 6.3 anew (https://www.swift.org/install/)"
    [ "$(printf '%s\n' 6.3 "$version" | sort -V | head -n 1)" = 6.3 ] ||
        refuse "this is Swift $version: Swift 6.3 or newer is needed (https://www.swift.org/install/)"
}

# Whether something listens on that port of this machine.
is_port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
