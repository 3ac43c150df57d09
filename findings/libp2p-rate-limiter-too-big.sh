#!/usr/bin/env bash
#
# A request that is refused as too big uses up the quota of the small ones after it.
#
# Seen with: @libp2p/utils 7.4.1 on Node 20.20.2 and 24.21.0.
#
# `RateLimiter` gives each key so many points in a time; `consume` takes some, or throws a RateLimitError. One would expect what
# is refused to take nothing, so that who may spend three points and asks for five can still spend three. But the five are
# counted all the same. Nothing is left until the time is over, whatever is asked for next, and each request that is refused
# meanwhile is counted too.
#
# Whoever lets big and small requests share a key compares the size with what `get` says is left before he consumes.
#
# Output:
#   1 asked for: given, 2 left
#   5 asked for: RateLimitError
#   1 asked for: RateLimitError
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
import { RateLimiter } from '@libp2p/utils'

const limiter = new RateLimiter({ points: 3, duration: 60 })

async function ask(points) {
  try {
    const { remainingPoints } = await limiter.consume('alice', points)
    console.log(`${points} asked for: given, ${remainingPoints} left`)
  } catch (error) {
    console.log(`${points} asked for: ${error.name}`)
  }
}

await ask(1)
await ask(5)
await ask(1)
process.exit()
JS

cat >expected <<'TEXT'
1 asked for: given, 2 left
5 asked for: RateLimitError
1 asked for: RateLimitError
TEXT

timeout 60 node run.mjs >seen 2>errors || cat errors >&2
cat seen
diff expected seen >&2 || exit 1
