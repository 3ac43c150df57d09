#!/usr/bin/env bash
#
# One function of `node:crypto` says that there was no error in another word than all others.
#
# Seen with: Bun 1.4.5, beside Node 20.20.2.
#
# Callbacks of Node.js get an error first, and `null` when there is none. One would expect the same on Bun, where `pbkdf2`,
# `hkdf`, `randomBytes` and `sign` keep to it. But `scrypt` gives `undefined`. Code that asks `error === null`, as a promise
# made by hand does to tell both ends apart, takes a key that was derived well for a failure, and rejects with `undefined`.
#
# Whoever asks for an error asks whether there is one (`error ? … : …`), or takes `promisify` of `node:util`.
#
# Output:
#   Bun, pbkdf2: null
#   Bun, hkdf: null
#   Bun, randomBytes: null
#   Bun, scrypt: undefined
#   Node.js, pbkdf2: null
#   Node.js, hkdf: null
#   Node.js, randomBytes: null
#   Node.js, scrypt: null
#
# Exit status: 0 as seen, 1 it behaves in another way, 2 it could not be tried.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

command -v node >/dev/null && command -v npm >/dev/null || exit 2
echo '{ "private": true }' >package.json
npm install --no-audit --no-fund --loglevel=error bun@1.4.5 >install 2>&1 || { cat install >&2; exit 2; }
node_modules/.bin/bun --version >/dev/null 2>&1 || exit 2

cat >run.mjs <<'JS'
import { hkdf, pbkdf2, randomBytes, scrypt } from 'node:crypto'

const name = process.versions.bun ? 'Bun' : 'Node.js'
const WAYS = {
  pbkdf2: (done) => pbkdf2('a passphrase', 'some salt', 1_000, 32, 'sha256', done),
  hkdf: (done) => hkdf('sha256', 'a key', 'some salt', 'info', 32, done),
  randomBytes: (done) => randomBytes(32, done),
  scrypt: (done) => scrypt('a passphrase', 'some salt', 32, done),
}
for (const [way, derive] of Object.entries(WAYS)) {
  const { error, bytes } = await new Promise((resolve) => derive((error, bytes) => resolve({ error, bytes })))
  if (bytes.byteLength !== 32) throw new Error(`${way} gave ${bytes.byteLength} bytes`)
  console.log(`${name}, ${way}: ${error}`)
}
JS

cat >expected <<'TEXT'
Bun, pbkdf2: null
Bun, hkdf: null
Bun, randomBytes: null
Bun, scrypt: undefined
Node.js, pbkdf2: null
Node.js, hkdf: null
Node.js, randomBytes: null
Node.js, scrypt: null
TEXT

timeout 30 node_modules/.bin/bun run.mjs >seen 2>errors || cat errors >&2
timeout 30 node run.mjs >>seen 2>errors || cat errors >&2
cat seen
diff expected seen >&2 || exit 1
