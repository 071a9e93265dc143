#!/usr/bin/env bash
# Neovim, headless, as a client of the language server: hover, diagnostics, edits, shutdown. Ends with one line that
# says "neovim: ok" or what failed; exit code 0 or 1. Needs `neovim` and a Release build of the server.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
server=${WHYLIGHT_SERVER:-$root/server/Whylight/bin/Release/net10.0/whylight.dll}

fail() {
  echo "neovim: FAILED: $1"
  exit 1
}

command -v nvim >/dev/null || fail "nvim is not installed (apt-get install neovim)"
[ -f "$server" ] || fail "there is no $server; run 'dotnet build Plugin.sln -c Release'"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "${WHYLIGHT_WORKSPACE:-$root/tests/clients/workspace}/." "$work/"
cd "$work" || fail "cannot use $work"

WHYLIGHT_SERVER=$server timeout 120 nvim --headless -u NONE -i NONE -n -c "luafile $here/client.lua" reviews.tsv
code=$?
[ "$code" -eq 0 ] && exit 0
[ "$code" -eq 124 ] && fail "no end within 120 s"
exit 1
