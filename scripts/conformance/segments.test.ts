import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { conformance } from './run.ts'

const segments = fileURLToPath(
  new URL('../../packages/segmentation/test/vectors/segmentation-wire-vectors.json', import.meta.url),
)
const leopard = fileURLToPath(
  new URL('../../packages/leopard/test/vectors/leopard-vectors.json', import.meta.url),
)
const folder = mkdtempSync(join(tmpdir(), 'conformance-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A copy of a vector file without its large cases, with something changed. */
function changed(file: string, change: (document: never) => void): string {
  const document = JSON.parse(readFileSync(file, 'utf8')) as { vectors: object[] }
  document.vectors = document.vectors.filter(
    (one) => !('payloadBytes' in one && Number(one.payloadBytes) > 1e6),
  )
  if (file === leopard) document.vectors.length = 8
  change(document as never)
  const copy = join(folder, 'changed.json')
  writeFileSync(copy, JSON.stringify(document))
  return copy
}

interface SegmentFile {
  vectors: {
    name: string
    segments: { hex: string; sha256: string }[]
    dataSegmentCount?: number
    parityPath?: string
    error?: string
  }[]
  lipTextVectors: { vectors: { segments: { hex: string }[] }[] }
}

interface LeopardFile {
  vectors: { paritySha256: string[]; path: string; decode: { result: number; missingData: number[] }[] }[]
  tables: { ff16: { expLUTSha256: string } }
}

describe('conformance of segments and parity', () => {
  // The three implementations of Leopard, one of them slow, take a while on a busy machine.
  it.each([segments, leopard])('passes every case of the developer vectors', { timeout: 180_000 }, (file) => {
    const { lines, exitCode } = conformance([file])
    expect(lines.at(-1)).toMatch(/^[1-9]\d+ passed, 0 failed$/)
    expect(lines.join('\n')).not.toContain('not known here')
    expect(exitCode).toBe(0)
  })

  it.each([
    [
      'a byte of a segment',
      segments,
      (d: SegmentFile) => (d.vectors[1]!.segments[0]!.hex += '00'),
      'one byte: segments',
    ],
    [
      'a byte of a segment of the older text',
      segments,
      (d: SegmentFile) => (d.lipTextVectors.vectors[0]!.segments[0]!.hex += '00'),
      'LIP-243 text, small payload, single segment: segments',
    ],
    [
      'a refusal',
      segments,
      (d: SegmentFile) => Object.assign(d.vectors[1]!, { segments: undefined, error: 'too large' }),
      'one byte: refused',
    ],
    [
      'a count',
      segments,
      (d: SegmentFile) => d.vectors[6]!.dataSegmentCount!++,
      'last segment short: counts',
    ],
    [
      'the way to the parity',
      segments,
      (d: SegmentFile) => (d.vectors[9]!.parityPath = 'ff8'),
      'parity on, k=2,m=1 xor: counts',
    ],
    [
      'a table of the field',
      leopard,
      (d: LeopardFile) => (d.tables.ff16.expLUTSha256 = '00'),
      'tables.ff16.expLUT',
    ],
    ['a path', leopard, (d: LeopardFile) => (d.vectors[4]!.path = 'xor'), 'dev-k3-m2-s64 path'],
    [
      'a parity shard',
      leopard,
      (d: LeopardFile) => (d.vectors[4]!.paritySha256[1] = '00'),
      'dev-k3-m2-s64 parity',
    ],
    [
      'a verdict',
      leopard,
      (d: LeopardFile) => (d.vectors[4]!.decode[0]!.result = -1),
      'dev-k3-m2-s64 decode[0]',
    ],
  ])('fails when %s is wrong, naming the case', (_, file, change, name) => {
    const { lines, exitCode } = conformance([changed(file, change)])
    expect(exitCode).toBe(1)
    expect(lines.filter((line) => !line.includes('not checked'))).toEqual([
      expect.stringContaining(` vectors: ${name}: `),
      expect.stringMatching(/^\d+ passed, 1 failed$/),
    ])
  })

  it.each([
    [
      'a segment of which nothing is said',
      segments,
      (d: SegmentFile) => Object.assign(d.vectors[1]!.segments[0]!, { hex: undefined, sha256: undefined }),
      'one byte: it does not say of every segment what it is',
    ],
    [
      'a case without an outcome',
      segments,
      (d: SegmentFile) => delete d.vectors.find(({ error }) => error !== undefined)!.error,
      'k=228 -> 228+29=257 rejected: it says neither',
    ],
    [
      'parity of which nothing is said',
      leopard,
      (d: LeopardFile) => Object.assign(d.vectors[4]!, { parityHex: undefined, paritySha256: undefined }),
      'dev-k3-m2-s64 parity: it does not say what the parity is',
    ],
  ])('does not take %s for passed', (_, file, change, said) => {
    const { lines, exitCode } = conformance([changed(file, change)])
    expect(exitCode).toBe(2)
    expect(lines).toContainEqual(expect.stringContaining(` vectors: not checked: ${said}`))
  })
})
