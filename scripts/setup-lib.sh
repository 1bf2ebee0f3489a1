# Shared by run and test: Debian packages and the virtual environment. Sourced, not run.
# shellcheck shell=bash

need_packages() { # names of Debian packages; installs those that are missing, or says which and stops
  local missing=() name
  for name in "$@"; do
    dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
      as_root=(sudo)
    else
      echo "These Debian packages are missing, and this user may not install them:" >&2
      echo "  ${missing[*]}" >&2
      echo "Ask an administrator for: apt-get install --no-install-recommends ${missing[*]}" >&2
      exit 1
    fi
  fi
  echo "Installing Debian packages: ${missing[*]}"
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

find_python() { # a Python of 3.11 or newer that can make virtual environments
  local candidate
  for candidate in python3.11 python3 python3.13 python3.12; do
    if command -v "$candidate" >/dev/null \
      && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$candidate"
      return 0
    fi
  done
  echo "Python 3.11 or newer is needed and was not found." >&2
  exit 1
}

make_venv() { # lock file; the environment is renewed only when the lock changed
  local lock=$1 stamp python
  stamp=.venv/.installed-$(cat "$lock" requirements-assets.lock | sha256sum | cut -c1-16)
  [ -e "$stamp" ] && return 0
  python=$(find_python)
  "$python" -c 'import ensurepip' 2>/dev/null || need_packages python3-venv
  [ -x .venv/bin/python ] || "$python" -m venv .venv
  echo "Installing Python packages from $lock"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-assets.lock
  touch "$stamp"
}
