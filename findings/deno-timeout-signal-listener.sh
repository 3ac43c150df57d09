#!/usr/bin/env bash
#
# A process on Deno waits for a limit that nothing needs any more.
#
# Seen with: Deno 2.9.6, beside Node 20.20.2.
#
# The timer of `AbortSignal.timeout` keeps no process alive: on Node.js never, and on Deno not at first either. One would
# expect that looking at a signal does not change that. But on Deno the timer counts from the first listener for `abort`, and
# so it does when the signal is one of several in `AbortSignal.any` that has a listener. Only when the listener is removed
# does it count no more. So a program that gave an answer in milliseconds a limit of a minute, and left its listener where it
# was, as `{ once: true }` invites to, is done and ends a minute later.
#
# Whoever listens to a signal of others removes the listener when it is done, also where the signal is over soon anyway.
#
# Output:
#   no listener: Deno ends at once, Node.js ends at once
#   a listener: Deno waits for the signal, Node.js ends at once
#   a listener, once: Deno waits for the signal, Node.js ends at once
#   a listener of any: Deno waits for the signal, Node.js ends at once
#   a listener, removed: Deno ends at once, Node.js ends at once
#
# Exit status: 0 as seen, 1 it behaves in another way, 2 it could not be tried.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

command -v node >/dev/null && command -v npm >/dev/null || exit 2
echo '{ "private": true }' >package.json
npm install --no-audit --no-fund --loglevel=error deno@2.9.6 >install 2>&1 || { cat install >&2; exit 2; }
node_modules/.bin/deno --version >/dev/null 2>&1 || exit 2
# Its first start takes longer.
echo >empty.mjs
node_modules/.bin/deno run empty.mjs

cat >wait.mjs <<'JS'
const LIMIT_MS = 5000
const signal = AbortSignal.timeout(LIMIT_MS)
const listener = () => {}
const cases = {
  'no listener': () => {},
  'a listener': () => signal.addEventListener('abort', listener),
  'a listener, once': () => signal.addEventListener('abort', listener, { once: true }),
  'a listener of any': () => AbortSignal.any([signal]).addEventListener('abort', listener),
  'a listener, removed': () => {
    signal.addEventListener('abort', listener)
    signal.removeEventListener('abort', listener)
  },
}
const name = globalThis.Deno?.args[0] ?? process.argv[2]
cases[name]()
JS

cat >run.mjs <<'JS'
import { spawnSync } from 'node:child_process'

// Half the limit of the signal.
const isQuick = (command) => {
  const start = performance.now()
  const { status } = spawnSync(command[0], command.slice(1), { timeout: 30_000 })
  if (status !== 0) process.exit(2)
  return performance.now() - start < 2500 ? 'ends at once' : 'waits for the signal'
}
const names = ['no listener', 'a listener', 'a listener, once', 'a listener of any', 'a listener, removed']
for (const name of names) {
  const deno = isQuick(['node_modules/.bin/deno', 'run', 'wait.mjs', name])
  const node = isQuick([process.execPath, 'wait.mjs', name])
  console.log(`${name}: Deno ${deno}, Node.js ${node}`)
}
JS

cat >expected <<'TEXT'
no listener: Deno ends at once, Node.js ends at once
a listener: Deno waits for the signal, Node.js ends at once
a listener, once: Deno waits for the signal, Node.js ends at once
a listener of any: Deno waits for the signal, Node.js ends at once
a listener, removed: Deno ends at once, Node.js ends at once
TEXT

timeout 55 node run.mjs >seen 2>errors || { cat errors >&2; exit 2; }
cat seen
diff expected seen >&2 || exit 1
