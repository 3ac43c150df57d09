#!/usr/bin/env bash
#
# `debounceTime` waits longer by as much as the clock is set back while it waits.
#
# Seen with: rxjs 7.8.2 on Node 20.20.2 and 24.21.0.
#
# One would expect a quiet time of 100 ms to last 100 ms, since the operator stands on a timer, and timers take no notice
# of the time of day. But when its timer fires, `debounceTime` compares the scheduler's `now()`, which is `Date.now()`,
# with the moment at which the last value came, and waits again for what seems to be missing. Where the clock was set back
# by an hour in between (a machine that gets its time from the network after it woke), the value comes an hour late, and
# until then none comes at all. `auditTime`, and `debounce` with a `timer`, which seems to be the same, do not mind.
#
# Here `Date.now` stands for the clock; it goes back by three seconds, once the value is in. A second later a mark is
# printed, so that what comes after it is late.
#
# Output:
#   clock left alone: auditTime(100), debounce(timer(100)), debounceTime(100), a second has passed
#   clock set back: auditTime(100), debounce(timer(100)), a second has passed, debounceTime(100)
#
# Exit status: 0 as seen, 1 it behaves in another way, 2 it could not be tried.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm init --yes >npm.log 2>&1 || exit 2
npm install --silent --no-audit --no-fund --ignore-scripts rxjs@7.8.2 >npm.log 2>&1 || {
  cat npm.log >&2
  exit 2
}

cat >run.mjs <<'JS'
import { NEVER, auditTime, concat, debounce, debounceTime, lastValueFrom, map, merge, of, take, timer, toArray } from 'rxjs'

const realNow = Date.now
let setBackMs = 0
Date.now = () => realNow() - setBackMs

const operators = {
  'auditTime(100)': auditTime(100),
  'debounce(timer(100))': debounce(() => timer(100)),
  'debounceTime(100)': debounceTime(100),
}

/** Which of the operators let the value through, in that order, with a mark after a second. */
const race = (setBackByMs) => {
  setBackMs = 0
  const value$ = concat(of('value'), NEVER)
  const through = Object.entries(operators).map(([name, operator]) => value$.pipe(operator, take(1), map(() => name)))
  const mark$ = timer(1000).pipe(map(() => 'a second has passed'))
  const order = lastValueFrom(merge(...through, mark$).pipe(toArray()))
  setBackMs = setBackByMs
  return order
}

console.log('clock left alone:', (await race(0)).join(', '))
console.log('clock set back:', (await race(3000)).join(', '))
JS

cat >expected <<'TEXT'
clock left alone: auditTime(100), debounce(timer(100)), debounceTime(100), a second has passed
clock set back: auditTime(100), debounce(timer(100)), a second has passed, debounceTime(100)
TEXT

timeout 30 node run.mjs >seen 2>errors || cat errors >&2
cat seen
diff expected seen >&2 || exit 1
