#!/usr/bin/env bash
#
# A read that ran out of time takes the beginning of a message with it, and what comes next is read at the wrong place.
#
# Seen with: it-length-prefixed-stream 2.0.6 (of libp2p 2) on Node 20.20.2 and 24.21.0. `lpStream` of @libp2p/utils 7.4.1
# (libp2p 3) loses the length too, though not the bytes after it.
#
# `read` of a stream of length-prefixed messages takes a signal, for instance of a time limit. One would expect a read that
# was aborted to leave the stream as it was, so that it can be asked again. But the length of the message has been taken out
# by then, and is not put back, and the piece that arrives next goes to the read that was given up. So the next read takes a
# byte of the message for a length, and the program below is told, without an error, that the peer said [2], which he never
# did. What follows is cut at wrong places until it happens to fit again.
#
# Whoever limits the time of a read closes the stream when the limit has passed, and does not read on.
#
# Output:
#   half of [1,2,3,4] has come: AbortError
#   all of it has come: [2]
#   and [9,9]: [9,9]
#
# Exit status: 0 as seen, 1 it behaves in another way, 2 it could not be tried.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm init --yes >npm.log 2>&1 || exit 2
npm install --silent --no-audit --no-fund --ignore-scripts it-length-prefixed-stream@2.0.6 it-pushable@3.2.3 >npm.log 2>&1 || {
  cat npm.log >&2
  exit 2
}

cat >run.mjs <<'JS'
import { lpStream } from 'it-length-prefixed-stream'
import { pushable } from 'it-pushable'

const peer = pushable()
const stream = lpStream({ source: peer, sink: async () => {} })

async function read(moment, ms) {
  const signal = new AbortController()
  const timer = setTimeout(() => signal.abort(), ms)
  try {
    console.log(`${moment}: [${(await stream.read({ signal: signal.signal })).subarray()}]`)
  } catch (error) {
    console.log(`${moment}: ${error.name}`)
  }
  clearTimeout(timer)
}

// The messages [1, 2, 3, 4] and [9, 9], each behind its length; the first comes in two pieces.
peer.push(Uint8Array.of(4, 1, 2))
await read('half of [1,2,3,4] has come', 100)
peer.push(Uint8Array.of(3, 4))
peer.push(Uint8Array.of(2, 9, 9))
await read('all of it has come', 5_000)
await read('and [9,9]', 5_000)
process.exit()
JS

cat >expected <<'TEXT'
half of [1,2,3,4] has come: AbortError
all of it has come: [2]
and [9,9]: [9,9]
TEXT

timeout 60 node run.mjs >seen 2>errors || cat errors >&2
cat seen
diff expected seen >&2 || exit 1
