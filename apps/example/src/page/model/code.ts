import { DEFAULT_SETTINGS, QUOTA_EPOCH_MS, type Settings } from '../world/settings.ts'

/** A program that does with these settings what the page does. */
export function codeFor(settings: Settings): string {
  const { seed, loss, latencyMs, jitterMs, duplicate, reorder, partition } = settings
  const conditions = Object.entries({ loss, latencyMs, jitterMs, duplicate, reorder })
    .filter(([, value]) => value !== 0)
    .map(([name, value]) => `, ${name}: ${value}`)
  if (duplicate > 0 || reorder > 0) conditions.push(', reorderMs: 400')
  const { quota, parityRate, segmentSizeBytes } = settings
  const options = [
    ...(quota > 0
      ? [`  rateLimit: { messagesPerEpoch: ${quota}, epochMs: ${QUOTA_EPOCH_MS / 1_000}_000 },`]
      : []),
    ...(parityRate > 0 ? [`  parityRate: ${parityRate},`] : []),
    ...(segmentSizeBytes === DEFAULT_SETTINGS.segmentSizeBytes
      ? []
      : [`  segmentSizeBytes: ${segmentSizeBytes},`]),
  ]
  const split = partition === 'nobody' ? [] : [`network.partition([['${partition}']])`]
  return [
    '// npm install @reliable-channels/channel @reliable-channels/encryption @reliable-channels/simulator rxjs',
    "import { openChannel } from '@reliable-channels/channel'",
    "import { xchacha } from '@reliable-channels/encryption'",
    "import { simulatedNetwork } from '@reliable-channels/simulator'",
    '',
    `const network = simulatedNetwork({ seed: ${seed}${conditions.join('')} })`,
    ...split,
    'const options = {',
    "  channelId: 'hike',",
    "  contentTopic: '/reliable-channels-demo/1/chat/proto',",
    '  cipher: xchacha({ key: new Uint8Array(32).fill(7) }),',
    ...options,
    '}',
    "const alice = await openChannel({ ...options, senderId: 'alice', transport: network.peer('alice') })",
    "const bob = await openChannel({ ...options, senderId: 'bob', transport: network.peer('bob') })",
    '',
    'bob.incoming$.subscribe(({ senderId, payload }) => {',
    '  console.log(senderId, new TextDecoder().decode(payload))',
    '})',
    "const sent = alice.send(new TextEncoder().encode('Can you read this?'))",
    'console.log(await sent.delivered())',
    'await Promise.all([alice.close(), bob.close()])',
    '',
  ].join('\n')
}
