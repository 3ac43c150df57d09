#!/usr/bin/env bash
#
# Of several calls a debounced function makes the first, and answers the others with what it said the time before, or with nothing.
#
# Seen with: p-debounce 5.1.1 on Node 20.20.2 and 24.21.0.
#
# Of several calls in a row `pDebounce` makes only one, the last, or with `before: true` the first, and each caller gets a promise.
# One would expect the promise to wait for that call and to give what it gives. But with `before` the callers after the first wait
# for the quiet time alone, and get what lies ready then. Where the function takes longer than the quiet time, nothing does, and they
# get `undefined`; its result, which comes too late, lies ready for the next callers, who asked for something else. Where the function
# fails, the first caller is told, and the others get `undefined`.
#
# Whoever wants one call for all who ask meanwhile takes `pDebounce.promise`, or keeps the promise of the call himself.
#
# Each row below calls the function with 1, 2 and 3 at once, and when all are answered with 4, 5 and 6.
#
# Output:
#   last call, slow function: [3, 3, 3] [6, 6, 6]
#   first call, quick function: [1, 1, 1] [4, 4, 4]
#   first call, slow function: [1, undefined, undefined] [4, 1, 1]
#   first call, failing function: [failed, undefined, undefined] [failed, undefined, undefined]
#
# Exit status: 0 as seen, 1 it behaves in another way, 2 it could not be tried.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm init --yes >npm.log 2>&1 || exit 2
npm install --silent --no-audit --no-fund --ignore-scripts p-debounce@5.1.1 >npm.log 2>&1 || {
  cat npm.log >&2
  exit 2
}

cat >run.mjs <<'JS'
import { setTimeout as pause } from 'node:timers/promises'
import pDebounce from 'p-debounce'

const QUIET_MS = 100

const quick = async (number) => number
const slow = (number) => pause(4 * QUIET_MS, number)
const failing = async () => {
  throw new Error('failed')
}

async function row(name, debounced) {
  const answers = []
  for (const numbers of [[1, 2, 3], [4, 5, 6]]) {
    const outcomes = await Promise.allSettled(numbers.map((number) => debounced(number)))
    answers.push(outcomes.map(({ reason, value }) => reason?.message ?? String(value)).join(', '))
  }
  console.log(`${name}: ${answers.map((answer) => `[${answer}]`).join(' ')}`)
}

await row('last call, slow function', pDebounce(slow, QUIET_MS))
await row('first call, quick function', pDebounce(quick, QUIET_MS, { before: true }))
await row('first call, slow function', pDebounce(slow, QUIET_MS, { before: true }))
await row('first call, failing function', pDebounce(failing, QUIET_MS, { before: true }))
JS

cat >expected <<'TEXT'
last call, slow function: [3, 3, 3] [6, 6, 6]
first call, quick function: [1, 1, 1] [4, 4, 4]
first call, slow function: [1, undefined, undefined] [4, 1, 1]
first call, failing function: [failed, undefined, undefined] [failed, undefined, undefined]
TEXT

timeout 60 node run.mjs >seen 2>errors || cat errors >&2
cat seen
diff expected seen >&2 || exit 1
