#!/usr/bin/env bash
#
# A source that `from` reads is told that nobody listens any more when its next value has come, and never if none comes.
#
# Seen with: rxjs 7.8.2 with the web streams and the `events` of Node 20.20.2 and 24.21.0.
#
# `from` takes web streams and async iterables. One would expect unsubscribing to cancel the one and return the other at
# once, as it clears a timer or removes a listener elsewhere in RxJS. But `from` asks whether anybody still listens only
# after each value. So, after unsubscribing,
# - a `ReadableStream` goes on as before, locked, until another chunk was taken from it, which nobody gets; then it is
#   cancelled;
# - the listener of `events.on` stays until another event.
#
# A connection that is quiet is thus held for good. Whoever must let go in time makes the Observable himself, with a
# teardown that cancels the stream or aborts the iterator.
#
# Output:
#   stream, subscribed: received one; locked, not cancelled
#   stream, unsubscribed: received one; locked, not cancelled
#   stream, one more chunk: received one; free, cancelled
#   events, subscribed: 1 listening
#   events, unsubscribed: 1 listening
#   events, one more event: 0 listening
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
import { EventEmitter, on } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { from } from 'rxjs'

const settled = () => pause(50)

{
  let source
  let cancelled = false
  const stream = new ReadableStream({
    start(controller) {
      source = controller
    },
    cancel() {
      cancelled = true
    },
  })
  const received = []
  const report = async (moment) => {
    await settled()
    const state = `${stream.locked ? 'locked' : 'free'}, ${cancelled ? 'cancelled' : 'not cancelled'}`
    console.log(`stream, ${moment}: received ${received}; ${state}`)
  }
  const subscription = from(stream).subscribe((value) => received.push(value))
  source.enqueue('one')
  await report('subscribed')
  subscription.unsubscribe()
  await report('unsubscribed')
  source.enqueue('two')
  await report('one more chunk')
}
{
  const emitter = new EventEmitter()
  const report = async (moment) => {
    await settled()
    console.log(`events, ${moment}: ${emitter.listenerCount('news')} listening`)
  }
  const subscription = from(on(emitter, 'news')).subscribe()
  await report('subscribed')
  subscription.unsubscribe()
  await report('unsubscribed')
  emitter.emit('news')
  await report('one more event')
}
JS

cat >expected <<'TEXT'
stream, subscribed: received one; locked, not cancelled
stream, unsubscribed: received one; locked, not cancelled
stream, one more chunk: received one; free, cancelled
events, subscribed: 1 listening
events, unsubscribed: 1 listening
events, one more event: 0 listening
TEXT

timeout 30 node run.mjs >seen 2>errors || cat errors >&2
cat seen
diff expected seen >&2 || exit 1
