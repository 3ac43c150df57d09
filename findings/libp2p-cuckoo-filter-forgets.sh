#!/usr/bin/env bash
#
# A cuckoo filter that is half full has forgotten some of what was added, though each `add` said yes.
#
# Seen with: @libp2p/utils 7.4.1 on Node 20.20.2 and 24.21.0.
#
# `createCuckooFilter` makes a filter for so many items. Such a filter may take something unknown for known, but never the
# other way round, and where it has no room `add` says so by `false`. But here items are lost when they make room for each
# other, long before the filter is full, and `add` returns `true`: of 500 items in a filter for 1,000 it knows 494, and of 1,000
# it knows 931. `createScalableCuckooFilter`, which begins another filter when one is full, forgets far fewer, but some.
#
# Whoever asks such a filter whether he has seen a message, so as not to handle it twice, will handle some twice. A set of what
# was seen last, or a Bloom filter, forgets none.
#
# Output:
#   cuckoo for 1000: 500 of 500 taken, some of them forgotten
#   cuckoo for 1000: 1000 of 1000 taken, some of them forgotten
#   scalable for 1000: 20000 of 20000 taken, some of them forgotten
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
import { createCuckooFilter, createScalableCuckooFilter } from '@libp2p/utils'

const FILTERS = { cuckoo: createCuckooFilter, scalable: createScalableCuckooFilter }

for (const [name, count] of [
  ['cuckoo', 500],
  ['cuckoo', 1_000],
  ['scalable', 20_000],
]) {
  const filter = FILTERS[name](1_000)
  const ids = Array.from({ length: count }, (_, i) => createHash('sha256').update(`${i}`).digest())
  const taken = ids.filter((id) => filter.add(id)).length
  const forgotten = ids.filter((id) => !filter.has(id)).length
  console.log(`${name} for 1000: ${taken} of ${count} taken, ${forgotten > 0 ? 'some' : 'none'} of them forgotten`)
}
JS

cat >expected <<'TEXT'
cuckoo for 1000: 500 of 500 taken, some of them forgotten
cuckoo for 1000: 1000 of 1000 taken, some of them forgotten
scalable for 1000: 20000 of 20000 taken, some of them forgotten
TEXT

timeout 60 node run.mjs >seen 2>errors || cat errors >&2
cat seen
diff expected seen >&2 || exit 1
