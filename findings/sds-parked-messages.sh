#!/usr/bin/env bash
#
# A message that waits for another one counts as delivered for those that depend on it.
#
# Seen with: @waku/sds 0.0.8 on Node 20.20.2 and 24.21.0.
#
# A `MessageChannel` parks a message whose causal history names something that has not come yet. One would expect
# messages to come out after all that they name, whatever the order of arrival. But a parked message is taken for present
# by all others. So
# - five messages that arrive backwards come out as 1, 5, 4, 3, 2, in one sweep: the first, and then the parked ones in
#   the order in which they arrived;
# - where a message names only the one before it (`causalHistorySize: 1`), the loss of the first parks the second alone:
#   the third, which names the second, comes out at once, and the second long after it.
#
# Whoever needs causal order from these events has to hold messages back until all that they name was delivered.
#
# Output:
#   backwards, before the sweep: 1
#   backwards, after one sweep: 1 5 4 3 2
#   first one late, before it came: 3 4 5
#   first one late, in the end: 3 4 5 1 2
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
import { MessageChannel, MessageChannelEvent } from '@waku/sds'

const member = (name, options) => {
  const channel = new MessageChannel('channel', name, options)
  const texts = new Map()
  const delivered = []
  channel.addEventListener(MessageChannelEvent.InMessageReceived, ({ detail: { messageId, content } }) => {
    texts.set(messageId, new TextDecoder().decode(content))
  })
  channel.addEventListener(MessageChannelEvent.InMessageDelivered, ({ detail }) => delivered.push(texts.get(detail)))
  return { channel, delivered }
}

const say = async ({ channel }, text) => {
  let sent
  channel.pushOutgoingMessage(new TextEncoder().encode(text), async (message) => {
    sent = message
    return { success: true }
  })
  await channel.processTasks()
  return sent
}

const hear = async ({ channel }, messages) => {
  for (const message of messages) channel.pushIncomingMessage(message)
  await channel.processTasks()
}

const sayFive = async (speaker) => {
  const messages = []
  for (const text of ['1', '2', '3', '4', '5']) messages.push(await say(speaker, text))
  return messages
}

{
  const messages = await sayFive(member('speaker'))
  const { channel, delivered } = member('listener')
  await hear({ channel }, messages.reverse())
  console.log('backwards, before the sweep:', ...delivered)
  channel.sweepIncomingBuffer()
  console.log('backwards, after one sweep:', ...delivered)
}
{
  const [first, ...rest] = await sayFive(member('speaker', { causalHistorySize: 1 }))
  const { channel, delivered } = member('listener', { causalHistorySize: 1 })
  await hear({ channel }, rest)
  console.log('first one late, before it came:', ...delivered)
  await hear({ channel }, [first])
  channel.sweepIncomingBuffer()
  console.log('first one late, in the end:', ...delivered)
}
process.exit()
JS

cat >expected <<'TEXT'
backwards, before the sweep: 1
backwards, after one sweep: 1 5 4 3 2
first one late, before it came: 3 4 5
first one late, in the end: 3 4 5 1 2
TEXT

timeout 30 node run.mjs >seen 2>errors || cat errors >&2
cat seen
diff expected seen >&2 || exit 1
