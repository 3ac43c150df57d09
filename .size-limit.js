import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * What an entry and all that it pulls in may weigh in an application's bundle, minified and compressed with gzip,
 * without rxjs, which the application has anyway.
 */
const limits = {
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
const unweighed = ['cli', 'transport-waku', 'waku-devnet']

function entries() {
  return globSync('packages/*/package.json', { cwd: import.meta.dirname })
    .sort()
    .flatMap((path) => {
      const { name, exports } = JSON.parse(readFileSync(join(import.meta.dirname, path), 'utf8'))
      const short = name.split('/')[1]
      if (unweighed.includes(short)) return []
      return Object.entries(exports)
        .filter(([entry]) => entry !== './package.json' && entry !== './testing')
        .map(([entry, { default: file }]) => ({
          name: join(short, entry),
          path: join(path, '..', file),
        }))
    })
}

export default entries().map(({ name, path }) => {
  const limit = limits[name]
  if (limit === undefined) throw new Error(`${name} has no limit: give it one in .size-limit.js`)
  return { name, path, limit, gzip: true, ignore: ['rxjs', 'react', 'abstract-level'] }
})
