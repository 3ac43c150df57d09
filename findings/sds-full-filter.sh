#!/usr/bin/env bash
#
# Who has heard much acknowledges what never reached him: the filter of what a member has is never begun anew.
#
# Seen with: @waku/sds 0.0.8 on Node 20.20.2 and 24.21.0.
#
# What a `MessageChannel` sends carries a Bloom filter of what its member has, made for 10,000 ids with one wrong answer in
# 1,000; an own message found in two such filters is acknowledged and no longer kept for others. One would expect the filter
# to be begun anew when it is full. But ids are added for as long as the channel lives. So the share of wrong answers grows
# from one in 1,000 to nearly all, and with it that of lost messages which are told to be acknowledged: none of twenty when
# bob has heard 10,000 messages, and all when he has heard 100,000, though he got none of them.
#
# Whoever runs a channel for long closes it and opens another before it has seen twice what the filter is made for, or does
# not trust an acknowledgement that no causal history confirms.
#
# (Bob is given a history of the newest 100, as the constructor allows. With the default one he hears 100,000 too slowly.)
#
# Output:
#   10000 heard: 0 of 20 acknowledged that he never got
#   20000 heard: 3 of 20 acknowledged that he never got
#   40000 heard: 13 of 20 acknowledged that he never got
#   100000 heard: 20 of 20 acknowledged that he never got
#
# Exit status: 0 as seen, 1 it behaves in another way, 2 it could not be tried.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm init --yes >npm.log 2>&1 || exit 2
npm install --silent --no-audit --no-fund --ignore-scripts @waku/sds@0.0.8 >npm.log 2>&1 || {
  cat npm.log >&2
  exit 2
}

cat >run.mjs <<'JS'
import { ContentMessage, MessageChannel, MessageChannelEvent } from '@waku/sds'

/** What the constructor takes as its history: here the newest 100. */
class ShortHistory {
  #items = []
  get length() {
    return this.#items.length
  }
  push(...items) {
    this.#items = [...this.#items, ...items].slice(-100)
    return this.#items.length
  }
  slice = (...range) => this.#items.slice(...range)
  some = (test) => this.#items.some(test)
  find = (test) => this.#items.find(test)
  findIndex = (test) => this.#items.findIndex(test)
}

const text = new TextEncoder().encode('text')
const bob = new MessageChannel('channel', 'bob', {}, new ShortHistory())
let heard = 0

async function bobHears(count) {
  while (heard < count) {
    const id = `carol-${heard++}`
    bob.pushIncomingMessage(new ContentMessage(id, 'channel', 'carol', [], BigInt(heard), undefined, text))
    if (heard % 1_000 === 0) await bob.processTasks()
  }
  await bob.processTasks()
}

/** How many of twenty messages, of which none reaches bob, alice takes for acknowledged once he has spoken twice. */
async function acknowledgedUnheard() {
  let acknowledged = 0
  const alice = new MessageChannel('channel', 'alice')
  alice.addEventListener(MessageChannelEvent.OutMessageAcknowledged, () => acknowledged++)
  for (let i = 0; i < 20; i++) {
    alice.pushOutgoingMessage(Uint8Array.of(i), async () => ({ success: true }))
    await alice.processTasks()
  }
  for (let i = 0; i < 2; i++) {
    let sync
    await bob.pushOutgoingSyncMessage(async (message) => {
      sync = message
      return true
    })
    alice.pushIncomingMessage(sync)
    await alice.processTasks()
  }
  return acknowledged
}

for (const count of [10_000, 20_000, 40_000, 100_000]) {
  await bobHears(count)
  console.log(`${count} heard: ${await acknowledgedUnheard()} of 20 acknowledged that he never got`)
}
process.exit()
JS

cat >expected <<'TEXT'
10000 heard: 0 of 20 acknowledged that he never got
20000 heard: 3 of 20 acknowledged that he never got
40000 heard: 13 of 20 acknowledged that he never got
100000 heard: 20 of 20 acknowledged that he never got
TEXT

timeout 60 node run.mjs >seen 2>errors || cat errors >&2
cat seen
diff expected seen >&2 || exit 1
