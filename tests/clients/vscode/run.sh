#!/usr/bin/env bash
# The extension in a real VS Code: hover, squiggles, problems, restart, in a headless Chromium. Ends with one line that
# says "vscode: ok" or what failed; exit code 0 or 1. Needs chromium, a built extension and a Release build of the server.
# Screenshots go to out/vscode.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
out=${WHYLIGHT_SCREENSHOTS:-$root/out/vscode}
WHYLIGHT_CHROMIUM=${WHYLIGHT_CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome)}
export WHYLIGHT_CHROMIUM

fail() {
  echo "vscode: FAILED: $1"
  exit 1
}

[ -n "$WHYLIGHT_CHROMIUM" ] || fail "chromium is not installed (apt-get install chromium)"
[ -f "$root/extension/dist/extension.js" ] || fail "the extension is not built; run 'npm ci && npm run build'"
[ -f "$root/server/Whylight/bin/Release/net10.0/whylight.dll" ] ||
  fail "the server is not built; run 'dotnet build Plugin.sln -c Release'"

log=$(mktemp)
"$here/setup.sh" >"$log" 2>&1 || { cat "$log"; fail "VS Code could not be installed from npm"; }
vscode=$(tail -n 1 "$log")
rm -f "$log"

timeout 300 node "$here/e2e.mjs" "$vscode" "$root" "${WHYLIGHT_WORKSPACE:-$root/tests/clients/workspace}" "$out"
code=$?
[ "$code" -eq 124 ] && fail "no end within 300 s"
exit "$code"
