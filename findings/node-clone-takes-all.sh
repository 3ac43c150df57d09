#!/usr/bin/env bash
#
# A piece of a frame that goes to another thread, tab or store takes the whole frame along.
#
# Seen with: Node 20.20.2 and 24.21.0.
#
# `subarray` gives a view of 32 bytes of a frame of 150,000. One would expect a message that holds the view to hold 32 bytes.
# But a structured clone copies the buffer below a view, all of it, and makes the same view of the copy: `structuredClone`,
# `postMessage` to a worker and `BroadcastChannel` alike, and what the browser keeps in IndexedDB is made so too. A thousand ids
# cut from frames are 150 MB, not 32 kB. A short `Buffer` takes along the pool that it was cut from, with what else is in there.
# `v8.serialize` writes the view alone.
#
# Whoever hands bytes on copies them first (`bytes.slice()`; of a `Buffer` `Uint8Array.from(bytes)`).
#
# Output:
#   structuredClone of an id: 32 bytes, 150000 below
#   structuredClone of a copy of it: 32 bytes, 32 below
#   postMessage of an id: 32 bytes, 150000 below
#   structuredClone of a short Buffer: 12 bytes, its pool below
#   v8.serialize of an id: less than 64 bytes
#
# Exit status: 0 as seen, 1 it behaves in another way, 2 it could not be tried.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

command -v node >/dev/null || exit 2

cat >run.mjs <<'JS'
import v8 from 'node:v8'

const frame = new Uint8Array(150_000)
const id = frame.subarray(0, 32)
const below = (bytes) => `${bytes.byteLength} bytes, ${bytes.buffer.byteLength} below`

console.log(`structuredClone of an id: ${below(structuredClone(id))}`)
console.log(`structuredClone of a copy of it: ${below(structuredClone(id.slice()))}`)

const { port1, port2 } = new MessageChannel()
const arrived = new Promise((resolve) => port2.once('message', resolve))
port1.postMessage(id)
console.log(`postMessage of an id: ${below(await arrived)}`)
port1.close()

const short = structuredClone(Buffer.from('a short text'))
console.log(`structuredClone of a short Buffer: 12 bytes, ${short.buffer.byteLength > 4_096 ? 'its pool' : '12'} below`)
console.log(`v8.serialize of an id: ${v8.serialize(id).byteLength < 64 ? 'less than 64 bytes' : 'all of it'}`)
JS

cat >expected <<'TEXT'
structuredClone of an id: 32 bytes, 150000 below
structuredClone of a copy of it: 32 bytes, 32 below
postMessage of an id: 32 bytes, 150000 below
structuredClone of a short Buffer: 12 bytes, its pool below
v8.serialize of an id: less than 64 bytes
TEXT

timeout 60 node run.mjs >seen 2>errors || cat errors >&2
cat seen
diff expected seen >&2 || exit 1
