#!/usr/bin/env bash
#
# Of values that come in one millisecond a moving average takes the first alone.
#
# Seen with: @libp2p/utils 7.4.1 on Node 20.20.2 and 24.21.0.
#
# `MovingAverage` weighs each value by the time since the one before. One would expect a hundred slow answers to count for more
# than one. But the weight of a value that comes in the same millisecond as another is nothing, so that of a burst only the
# first counts, and the average does not know how many there were. `AdaptiveTimeout`, which sets time limits by it, learns from
# a hundred requests that fail together as little as from one, and nothing where another request ended just before.
#
# Whoever measures bursts takes the mean of what came together, and puts that in.
#
# Output:
#   10 at 0 ms: 10.0
#   a hundred times 1000 at 0 ms: 10.0
#   1000 at 1 ms: 10.2
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
import { MovingAverage } from '@libp2p/utils'

const average = new MovingAverage(5_000)
const say = (what) => console.log(`${what}: ${average.movingAverage.toFixed(1)}`)

average.push(10, 0)
say('10 at 0 ms')
for (let i = 0; i < 100; i++) average.push(1_000, 0)
say('a hundred times 1000 at 0 ms')
average.push(1_000, 1)
say('1000 at 1 ms')
JS

cat >expected <<'TEXT'
10 at 0 ms: 10.0
a hundred times 1000 at 0 ms: 10.0
1000 at 1 ms: 10.2
TEXT

timeout 60 node run.mjs >seen 2>errors || cat errors >&2
cat seen
diff expected seen >&2 || exit 1
