#!/bin/sh
# Installs what the tests run against, on Debian and as root; elsewhere names what is missing. That is git, and the real
# servers of tests marked `server`. Services are neither started nor enabled: the tests start their own servers, on free
# ports of 127.0.0.1.
set -eu

# One line a package: what has to be there (a file pattern), and Debian's package for it.
needed='/usr/bin/git git
/usr/bin/prometheus prometheus
/usr/bin/prometheus-alertmanager prometheus-alertmanager
/usr/bin/victoria-metrics victoria-metrics
/usr/bin/systemd-analyze systemd
/usr/bin/chromium chromium
/usr/lib/postgresql/*/bin/initdb postgresql'

missing() {
    printf '%s\n' "$needed" | while read -r pattern package; do
        # shellcheck disable=SC2086  # the pattern is meant to expand
        ls $pattern >/dev/null 2>&1 || printf '%s ' "$package"
    done
}

without_hosts() { sed -E 's#[a-z]+://[^/[:space:]]+#(package index)#g'; }

apt() {
    log=$(mktemp)
    if DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" >"$log" 2>&1 </dev/null; then
        rm -f "$log"
        return
    fi
    without_hosts <"$log" >&2
    rm -f "$log"
    return 1
}

# Debian starts a service as soon as its package is unpacked, unless this policy forbids it.
policy=/usr/sbin/policy-rc.d
forbid_starting() {
    [ -e "$policy" ] && return
    trap 'rm -f "$policy"' EXIT INT TERM
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
}

services() { find /lib/systemd/system /etc/init.d -maxdepth 1 \( -name '*.service' -o -path '/etc/init.d/*' \) 2>/dev/null | sort; }

disable_new() {
    services | comm -13 "$1" - | sed -E 's#.*/##; s#\.service$##' | sort -u | while read -r service; do
        update-rc.d "$service" disable >/dev/null 2>&1 || true
    done
}

install() {
    forbid_starting
    before=$(mktemp)
    services >"$before"
    apt update || true
    # shellcheck disable=SC2086  # a list of packages
    apt install --yes --no-install-recommends $1 || printf 'apt-get could not install: %s\n' "$1" >&2
    disable_new "$before"
    rm -f "$before"
}

lacking=$(missing)
if [ -n "$lacking" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    printf 'Installing what the tests run against: %s…\n' "$lacking" >&2
    install "$lacking"
    lacking=$(missing)
fi
if [ -n "$lacking" ]; then
    printf '\n*** Tests that need these will be SKIPPED or fail, they are not installed: %s\n' "$lacking" >&2
    printf '*** On Debian: apt-get install %s\n\n' "$lacking" >&2
fi
