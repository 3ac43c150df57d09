#!/usr/bin/env bash
#
# A Bloom filter is wrong sixty times as often as it was asked to be, with as many items as it was made for.
#
# Seen with: @libp2p/utils 7.4.1 on Node 20.20.2 and 24.21.0.
#
# `createBloomFilter` takes the number of items and the rate of wrong answers that is accepted, and makes as many bits and
# hashes of it as the books say. One would expect about that rate once so many items are in it. But the hashes of an item come
# out the same whatever their seeds, so that each item sets a single bit instead of ten. Made for 1,000 items and one wrong
# answer in 1,000, the filter gives 65 in 1,000; made for one in 100, it gives 10.
#
# Whoever takes such an answer for "he has it already" loses that share of messages. Measure a filter with as many items as it
# will hold.
#
# Output:
#   made for 1000 items and 0.1 % wrong answers: 7 %
#   made for 1000 items and 1 % wrong answers: 10 %
#   10 hashes, bits set by one item: 1
#
# Exit status: 0 as seen, 1 it behaves in another way, 2 it could not be tried.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm init --yes >npm.log 2>&1 || exit 2
npm install --silent --no-audit --no-fund --ignore-scripts @libp2p/utils@7.4.1 >npm.log 2>&1 || {
  cat npm.log >&2
  exit 2
}

cat >run.mjs <<'JS'
import { createHash } from 'node:crypto'
import { createBloomFilter } from '@libp2p/utils'

const ASKED = 20_000
const id = (text) => createHash('sha256').update(text).digest()

for (const rate of [0.001, 0.01]) {
  const filter = createBloomFilter(1_000, rate)
  for (let i = 0; i < 1_000; i++) filter.add(id(`in-${i}`))
  let wrong = 0
  for (let i = 0; i < ASKED; i++) if (filter.has(id(`out-${i}`))) wrong++
  const rounded = Math.round((wrong / ASKED) * 100)
  console.log(`made for 1000 items and ${100 * rate} % wrong answers: ${rounded} %`)
}
const one = createBloomFilter(1_000, 0.001)
one.add(id('one'))
const set = one.buffer.reduce((bits, byte) => bits + byte.toString(2).replaceAll('0', '').length, 0)
console.log(`${one.seeds.length} hashes, bits set by one item: ${set}`)
JS

cat >expected <<'TEXT'
made for 1000 items and 0.1 % wrong answers: 7 %
made for 1000 items and 1 % wrong answers: 10 %
10 hashes, bits set by one item: 1
TEXT

timeout 60 node run.mjs >seen 2>errors || cat errors >&2
cat seen
diff expected seen >&2 || exit 1
