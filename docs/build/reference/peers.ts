import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Vectors that reference implementations wrote, and what they are of. */
const VECTORS: readonly { readonly file: string; readonly of: string; readonly test: string }[] = [
  {
    file: 'packages/sds/test/vectors/sds-vectors.json',
    of: 'messages and filters of nim-sds',
    test: 'packages/sds',
  },
  {
    file: 'packages/sds/test/vectors/sds-vectors-v04.json',
    of: 'the same of its line 0.4',
    test: 'packages/sds',
  },
  {
    file: 'packages/segmentation/test/vectors/segmentation-wire-vectors.json',
    of: 'segments of the reference',
    test: 'packages/segmentation',
  },
  {
    file: 'packages/leopard/test/vectors/leopard-vectors.json',
    of: 'parity of the Leopard library in C++',
    test: 'packages/leopard',
  },
  {
    file: 'integration/waku/vectors/logos-delivery-captures.json',
    of: 'messages of two real logos-delivery nodes',
    test: 'integration/waku/profiles.test.ts',
  },
]

/** Packages that hold a conversation with ours in a test. */
const CONVERSATIONS: readonly { readonly name: string; readonly what: string; readonly test: string }[] = [
  {
    name: '@waku/sdk',
    what: 'a conversation with its `ReliableChannel`, acknowledged and repaired both ways',
    test: 'integration/waku/profiles.test.ts',
  },
  { name: '@waku/sds', what: 'one conversation, both ways', test: 'integration/sds/interop.test.ts' },
  {
    name: '@waku/message-encryption',
    what: 'frames sealed by each and opened by the other',
    test: 'integration/encryption/waku-message-encryption.test.ts',
  },
]

/** The table of whom this was tried with: versions from the workspace, cases from the files of vectors. */
export function peersTable(root: string): string {
  const workspace = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')
  const lines = ['| with | what is tried | where |', '| --- | --- | --- |']
  for (const { name, what, test } of CONVERSATIONS) {
    const version = new RegExp(`^  '${name}': (\\S+)$`, 'm').exec(workspace)?.[1]
    if (version === undefined) throw new Error(`pnpm-workspace.yaml has no version of ${name}`)
    lines.push(`| ${name} ${version} | ${what} | ${linkTo(test)} |`)
  }
  for (const { file, of, test } of VECTORS) {
    const count = countCases(JSON.parse(readFileSync(join(root, file), 'utf8')))
    lines.push(`| ${of} | ${count} cases | ${linkTo(test)} |`)
  }
  return lines.join('\n')
}

const linkTo = (path: string): string => `[\`${path}\`](../../../${path})`

/** The cases of a file of vectors: all members of its lists. */
function countCases(json: unknown): number {
  if (Array.isArray(json)) return json.length
  if (typeof json !== 'object' || json === null) return 0
  return Object.values(json).reduce(
    (sum: number, value) => sum + (Array.isArray(value) ? value.length : 0),
    0,
  )
}
