#!/usr/bin/env bash
#
# An iterator of events whose reader is behind drops the last event and the error that ends it.
#
# Seen with: p-event 7.1.1 on Node 20.20.2 and 24.21.0.
#
# `pEventIterator` keeps the events that its reader has not asked for yet, and rejects when the emitter emits `error`. One would
# expect a slow reader to get all events that came before the error, and then the error, as from `on` of `node:events`. So it is when
# he has caught up. When events still wait, the last of them comes with `done: true`. `for await` takes that for the end: it leaves
# out the event, and does not ask once more, which would bring the error. An abort of the iterator's signal is lost in the same way.
# So a connection that broke looks like one that has said all.
#
# Whoever must know how it ended takes `on` of `node:events`, or listens to `error` himself and looks at the signal after the loop.
#
# Three events come at once below, and then what ends them. A reader who is behind takes longer for each than that.
#
# Output:
#   p-event, reader caught up, error: 1, 2, 3, the error
#   p-event, reader behind, error: 1, 2, the end
#   p-event, reader behind, abort: 1, 2, the end
#   node:events, reader behind, error: 1, 2, 3, the error
#
# Exit status: 0 as seen, 1 it behaves in another way, 2 it could not be tried.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm init --yes >npm.log 2>&1 || exit 2
npm install --silent --no-audit --no-fund --ignore-scripts p-event@7.1.1 >npm.log 2>&1 || {
  cat npm.log >&2
  exit 2
}

cat >run.mjs <<'JS'
import { EventEmitter, on } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { pEventIterator } from 'p-event'

async function read(events, pauseMs) {
  const heard = []
  try {
    for await (const event of events) {
      heard.push(event)
      await pause(pauseMs)
    }
    heard.push('the end')
  } catch (error) {
    heard.push(error.message)
  }
  return heard.join(', ')
}

/** What a reader hears who waits after each event, where three events come at once, and then what ends them. */
async function hear(iterate, end, pauseMs, caughtUpMs) {
  const emitter = new EventEmitter()
  const abort = new AbortController()
  const heard = read(iterate(emitter, 'message', { signal: abort.signal }), pauseMs)
  for (const event of [1, 2, 3]) emitter.emit('message', event)
  await pause(caughtUpMs)
  if (end === 'error') emitter.emit('error', new Error('the error'))
  else abort.abort(new Error('the abort'))
  return heard
}

/** `on` gives the arguments of each event, and an AbortError with the reason as its cause. */
async function* onOfNode(emitter, name, options) {
  try {
    for await (const [event] of on(emitter, name, options)) yield event
  } catch (error) {
    throw error.cause ?? error
  }
}

console.log(`p-event, reader caught up, error: ${await hear(pEventIterator, 'error', 0, 500)}`)
console.log(`p-event, reader behind, error: ${await hear(pEventIterator, 'error', 100, 0)}`)
console.log(`p-event, reader behind, abort: ${await hear(pEventIterator, 'abort', 100, 0)}`)
console.log(`node:events, reader behind, error: ${await hear(onOfNode, 'error', 100, 0)}`)
JS

cat >expected <<'TEXT'
p-event, reader caught up, error: 1, 2, 3, the error
p-event, reader behind, error: 1, 2, the end
p-event, reader behind, abort: 1, 2, the end
node:events, reader behind, error: 1, 2, 3, the error
TEXT

timeout 60 node run.mjs >seen 2>errors || cat errors >&2
cat seen
diff expected seen >&2 || exit 1
