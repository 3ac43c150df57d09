import type { Devnet } from './devnet.ts'
import type { DevnetMessage } from './options.ts'

/** How the command speaks: to people or to programs, one line at a time. */
export interface Report {
  ready(devnet: Devnet): string
  message(message: DevnetMessage, at: Date): string
  answer(line: string, text: string, isOk: boolean): string
  stopped(): string
}

/** For people. */
export const plain: Report = {
  ready: (devnet) =>
    [
      ...devnet.nodes.flatMap(({ index, multiaddrs }) => [
        `node ${index}`,
        ...multiaddrs.map((one) => `  ${one}`),
      ]),
      `clients take: bootstrapPeers, the addresses with /ws; networkConfig ${JSON.stringify(devnet.networkConfig)}`,
      `cluster ${devnet.clusterId}, ${sharding(devnet)}; Ctrl-C stops, help lists the commands`,
    ].join('\n'),
  message: (message, at) =>
    [
      at.toISOString().slice(11, 23),
      `node ${message.node}`,
      message.via,
      // From the network: nothing in it may steer a terminal.
      printable(message.contentTopic),
      `${message.payload.length} B`,
      `${message.hash.slice(0, 16)}…`,
      message.ephemeral ? 'ephemeral' : message.stored ? 'stored' : 'not stored',
      `${message.subscribers} subscribers`,
    ].join('  '),
  answer: (_line, text, isOk) => (isOk ? text : `error: ${text}`),
  stopped: () => 'stopped',
}

/** For programs: one JSON object a line. */
export const json: Report = {
  ready: (devnet) =>
    JSON.stringify({
      event: 'ready',
      networkConfig: devnet.networkConfig,
      shards: devnet.shards,
      nodes: devnet.nodes.map(({ index, peerId, multiaddrs }) => ({ index, peerId, multiaddrs })),
    }),
  message: ({ payload, meta, timestamp, ...rest }, at) =>
    JSON.stringify({
      event: 'message',
      at: at.toISOString(),
      ...rest,
      timestamp: String(timestamp),
      payloadBytes: payload.length,
      meta: Buffer.from(meta).toString('hex'),
    }),
  answer: (line, text, isOk) => JSON.stringify({ event: isOk ? 'answer' : 'error', line, text }),
  stopped: () => JSON.stringify({ event: 'stopped' }),
}

function sharding({ networkConfig, shards }: Devnet): string {
  return networkConfig.numShardsInCluster === undefined
    ? `static sharding on ${shards.join(', ')}`
    : `autosharding over ${networkConfig.numShardsInCluster} shards`
}

function printable(text: string): string {
  return text.slice(0, 200).replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '\uFFFD')
}
