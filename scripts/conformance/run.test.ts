import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { conformance } from './run.ts'

const vectors = fileURLToPath(new URL('../../packages/sds/test/vectors/', import.meta.url))
const main = fileURLToPath(new URL('main.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'conformance-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A copy of the SDS vectors with something changed. */
function corrupted(change: (document: never) => void): string {
  const document = JSON.parse(readFileSync(join(vectors, 'sds-vectors.json'), 'utf8')) as never
  change(document)
  const file = join(folder, 'corrupted.json')
  writeFileSync(file, JSON.stringify(document))
  return file
}

describe('conformance', () => {
  it.each(['sds-vectors.json', 'sds-vectors-v04.json'])('passes every case of %s', (file) => {
    const { lines, exitCode } = conformance([join(vectors, file)])
    expect(lines.at(-1)).toMatch(/^[1-9]\d+ passed, 0 failed$/)
    // Cases that are not checked are told, and why.
    for (const line of lines.slice(0, -1)) {
      expect(line).toMatch(/: not checked: .+: /)
      expect(line).not.toContain('not known here')
    }
    expect(exitCode).toBe(0)
  })

  it('takes the keys of a file in any order', () => {
    const reversed = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(reversed)
      if (typeof value !== 'object' || value === null) return value
      return Object.fromEntries(
        Object.entries(value)
          .toReversed()
          .map(([key, inner]) => [key, reversed(inner)]),
      )
    }
    const original = readFileSync(join(vectors, 'sds-vectors-v04.json'), 'utf8')
    const file = join(folder, 'reversed.json')
    writeFileSync(file, JSON.stringify(reversed(JSON.parse(original))))
    const { lines, exitCode } = conformance([file])
    expect([lines.at(-1), exitCode]).toEqual([
      conformance([join(vectors, 'sds-vectors-v04.json')]).lines.at(-1),
      0,
    ])
  })

  it.each([
    ['a section', (d: { more?: object }) => (d.more = [{ hex: '00' }]), 'more (1): a kind of case'],
    [
      'a section of repair',
      (d: { repair: { more?: object } }) => (d.repair.more = [{ resultMs: 1 }]),
      'repair.more (1): a kind of case',
    ],
  ])('says that it does not check %s that it does not know, and checks the rest', (_, change, said) => {
    const { lines, exitCode } = conformance([corrupted(change)])
    const unchanged = conformance([corrupted(() => {})])
    expect([lines.at(-1), exitCode]).toEqual([unchanged.lines.at(-1), 0])
    expect(lines).toContainEqual(expect.stringContaining(`SDS vectors: not checked: ${said}`))
  })

  it('says what it does not check of a case, and checks the rest', () => {
    const { lines, exitCode } = conformance([
      corrupted((d: { hash: object[] }) => [3, 5].forEach((at) => Object.assign(d.hash[at]!, { more: 7 }))),
    ])
    expect(exitCode).toBe(0)
    expect(lines).toContainEqual(
      expect.stringContaining('SDS vectors: not checked: hash[].more (2): not known here'),
    )
  })

  it('passes a case without what is optional, and no file without cases', () => {
    const { lines, exitCode } = conformance([
      corrupted((d: { hash: { utf8?: string; int64?: string }[] }) => {
        delete d.hash[0]!.utf8
        delete d.hash[0]!.int64
      }),
    ])
    expect([lines.at(-1), exitCode]).toEqual([expect.stringMatching(/ passed, 0 failed$/), 0])
    const file = join(folder, 'empty.json')
    writeFileSync(file, '{"meta":{"nimSdsLine":"master"},"hash":[]}')
    expect(conformance([file])).toEqual({
      lines: [expect.stringContaining('there is no case in it that could be checked'), '0 passed, 0 failed'],
      exitCode: 2,
    })
  })

  it.each([
    ['a hash', (d: { hash: { u64Hex: string }[] }) => (d.hash[9]!.u64Hex = '0'.repeat(16)), 'hash[9]'],
    [
      'a bit position',
      (d: { bloom: { items: { bits: number[] }[] }[] }) => (d.bloom[5]!.items[0]!.bits[0]! += 1),
      'bloom[5]',
    ],
    [
      'an encoded byte',
      (d: { messages: { hex: string }[] }) => (d.messages[0]!.hex += '00'),
      'messages[0] content-minimal',
    ],
    [
      'a decode verdict',
      (d: { decode: { ok: boolean }[] }) => (d.decode[1]!.ok = true),
      'decode[1] empty-buffer',
    ],
    ['a signed hash', (d: { hash: { int64: string }[] }) => (d.hash[4]!.int64 = '1'), 'hash[4]'],
    [
      'a word of a filter',
      (d: { bloom: { after: { nonZeroWordsU64?: [number, string][] } }[] }) =>
        d.bloom[49]!.after.nonZeroWordsU64!.pop(),
      'bloom[49]',
    ],
    [
      'what is kept when a filter is made anew',
      (d: { rollingBloom: { checkpoints: { oldestKept: string }[] }[] }) =>
        (d.rollingBloom[0]!.checkpoints[1]!.oldestKept = 'm1'),
      'rollingBloom[0]',
    ],
    [
      'the channel of a message',
      (d: { messages: { extractChannelId: string }[] }) => (d.messages[2]!.extractChannelId = 'other'),
      'messages[2] sync-empty-content-no-bloom',
    ],
    [
      'a repair time',
      (d: { repair: { tReq: { resultMs: number }[] } }) => d.repair.tReq[3]!.resultMs++,
      'repair.tReq[3]',
    ],
  ])('fails when %s is wrong, naming the case', (_, change, name) => {
    const { lines, exitCode } = conformance([corrupted(change)])
    expect(exitCode).toBe(1)
    const told = lines.filter((line) => !line.includes('not checked'))
    expect(told).toEqual([
      expect.stringContaining(`SDS vectors: ${name}: `),
      expect.stringMatching(/^\d+ passed, 1 failed$/),
    ])
  })

  it('says so when it does not understand a file', () => {
    const file = join(folder, 'other.json')
    writeFileSync(file, '{"something":"else"}')
    expect(conformance([file])).toEqual({
      lines: [expect.stringContaining('not a vector file of a known kind'), '0 passed, 0 failed'],
      exitCode: 2,
    })
    expect(conformance([join(folder, 'missing.json')]).exitCode).toBe(2)
    for (const odd of ['null', '[]', '7', '{"vectors":[null]}', '{"captures":[null]}', '{"meta":null}']) {
      writeFileSync(file, odd)
      expect(conformance([file]).exitCode).toBe(2)
    }
    expect(conformance([]).exitCode).toBe(2)
  })

  it('exits as a command with the code of its outcome', () => {
    const run = (file: string): unknown => {
      try {
        return execFileSync(process.execPath, ['--conditions=@reliable-channels/source', main, file], {
          encoding: 'utf8',
        })
      } catch (error) {
        return (error as { status: number }).status
      }
    }
    expect(run(join(vectors, 'sds-vectors-v04.json'))).toMatch(/passed, 0 failed\n$/)
    expect(run(main)).toBe(2)
  })
})
