import { join } from 'node:path'
import { SCOPE, publishedPackages } from './scripts/project.ts'

/**
 * What an entry and all that it pulls in may weigh in an application's bundle, minified and compressed with gzip,
 * without rxjs, which the application has anyway.
 */
const limits: Readonly<Record<string, string>> = {
  channel: '128.35 kB',
  'channel/opentelemetry': '3.7 kB',
  'channel/tabs': '12.8 kB',
  encryption: '16.8 kB',
  'encryption/core': '8.5 kB',
  'encryption/signing': '18.4 kB',
  keccak: '3 kB',
  leopard: '7.5 kB',
  messages: '7.9 kB',
  'messages/parcel': '3.2 kB',
  'messages/protobuf-es': '400 B',
  options: '1.6 kB',
  react: '1.9 kB',
  'react/read-receipts': '8 kB',
  'rate-limit': '13.8 kB',
  'rate-limit/core': '8 kB',
  sds: '59.35 kB',
  'sds/core': '49.15 kB',
  'sds/records': '13.2 kB',
  segmentation: '35.4 kB',
  'segmentation/core': '30.25 kB',
  simulator: '13 kB',
  stage: '6 kB',
  'stage/core': '440 B',
  store: '3.8 kB',
  'store/level': '4.65 kB',
  transport: '2 kB',
  wire: '3.6 kB',
}

/** These run in Node, or weigh what their dependencies weigh. */
const unweighed: readonly string[] = ['cli', 'libp2p-tuning', 'transport-waku', 'waku-devnet']

/** Every entry of every published package that applications bundle. */
function entries(): { name: string; path: string }[] {
  return publishedPackages(import.meta.dirname).flatMap(({ folder, manifest }) => {
    const short = manifest.name.slice(SCOPE.length)
    if (unweighed.includes(short)) return []
    return Object.entries(manifest.exports ?? {})
      .filter(([entry]) => entry !== './package.json' && entry !== './testing')
      .map(([entry, { default: file }]) => ({ name: join(short, entry), path: join(folder, file) }))
  })
}

export default entries().map(({ name, path }) => {
  const limit = limits[name]
  if (limit === undefined) throw new Error(`${name} has no limit: give it one in .size-limit.ts`)
  return {
    name,
    path,
    limit,
    gzip: true,
    ignore: ['rxjs', 'react', 'abstract-level', '@bufbuild/protobuf', '@opentelemetry/api'],
  }
})
