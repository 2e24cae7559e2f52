#!/usr/bin/env bash
# The browser tests drive a real Chromium. Installs Debian's where none is found.
set -euo pipefail
for name in chromium chromium-browser google-chrome google-chrome-stable; do
  command -v "$name" >/dev/null && exit 0
done
sudo=""
[ "$(id -u)" -eq 0 ] || sudo="sudo"
if ! command -v apt-get >/dev/null; then
  echo "no Chromium was found: install Chromium or Chrome, then run make test again" >&2
  exit 1
fi
$sudo apt-get update -qq
$sudo apt-get install -y -qq --no-install-recommends chromium
