import { createHash } from 'node:crypto'

/** Shards of a cluster. */
export const MAX_SHARDS = 1024

/** `/waku/2/rs/<cluster>/<shard>`, the relay topic of one shard. */
export function shardTopic(clusterId: number, shard: number): string {
  return `/waku/2/rs/${clusterId}/${shard}`
}

/** Where a content topic leads under autosharding, or the node's own text for why it leads nowhere. */
export type Autoshard = { readonly shard: number } | { readonly error: string }

const STRUCTURE =
  'Invalid content topic structure. Expected either /<application>/<version>/<topic-name>/<encoding> ' +
  'or /<gen>/<application>/<version>/<topic-name>/<encoding>'

const PARTS = ['application', 'version', 'topic-name', 'encoding'] as const

/** The shard of a content topic: 51/WAKU2-RELAY-SHARDING, autosharding, generation 0. */
export function autoshard(contentTopic: string, shardCount: number): Autoshard {
  if (!contentTopic.startsWith('/')) {
    return { error: `invalid format: content-topic '${contentTopic}' must start with slash` }
  }
  const parts = contentTopic.slice(1).split('/')
  if (parts.length === 5) {
    const generation = parts.shift() as string
    if (generation === '') return { error: 'missing part: generation' }
    if (!/^-?\d{1,9}$/.test(generation)) {
      return { error: 'invalid format: generation should be a numeric value' }
    }
    if (Number(generation) !== 0) return { error: `Generation > 0 are not supported yet` }
  }
  if (parts.length !== 4) return { error: `invalid format: ${STRUCTURE}` }
  const missing = parts.indexOf('')
  if (missing !== -1) return { error: `missing part: ${PARTS[missing]}` }
  const digest = createHash('sha256').update(`${parts[0]}${parts[1]}`, 'utf8').digest()
  return { shard: Number(digest.readBigUInt64BE(24) % BigInt(shardCount)) }
}
