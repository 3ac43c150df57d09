import { join } from 'node:path'
import { SCOPE, publishedPackages } from './scripts/project.ts'

/**
 * What an entry and all that it pulls in may weigh in an application's bundle, minified and compressed with gzip,
 * without rxjs, which the application has anyway.
 */
const limits: Readonly<Record<string, string>> = {
  channel: '40 kB',
  encryption: '15 kB',
  'encryption/core': '15 kB',
  keccak: '6 kB',
  leopard: '15 kB',
  'rate-limit': '10 kB',
  'rate-limit/core': '8 kB',
  sds: '25 kB',
  'sds/core': '25 kB',
  segmentation: '20 kB',
  'segmentation/core': '20 kB',
  simulator: '10 kB',
  stage: '4 kB',
  'stage/core': '1 kB',
  store: '3 kB',
  'store/level': '4 kB',
  transport: '3 kB',
}

/** These run in Node, or weigh what their dependencies weigh. */
const unweighed: readonly string[] = ['cli', 'transport-waku', 'waku-devnet']

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
  return { name, path, limit, gzip: true, ignore: ['rxjs', 'react', 'abstract-level'] }
})
