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
    expect(lines).toEqual([expect.stringMatching(/^[1-9]\d+ passed, 0 failed$/)])
    expect(exitCode).toBe(0)
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
    [
      'a repair time',
      (d: { repair: { tReq: { resultMs: number }[] } }) => d.repair.tReq[3]!.resultMs++,
      'repair.tReq[3]',
    ],
  ])('fails when %s is wrong, naming the case', (_, change, name) => {
    const { lines, exitCode } = conformance([corrupted(change)])
    expect(exitCode).toBe(1)
    expect(lines).toHaveLength(2)
    expect(lines[0]).toContain(`SDS vectors: ${name}: `)
    expect(lines[1]).toMatch(/^\d+ passed, 1 failed$/)
  })

  it('says so when it does not understand a file', () => {
    const file = join(folder, 'other.json')
    writeFileSync(file, '{"something":"else"}')
    expect(conformance([file])).toEqual({
      lines: [expect.stringContaining('not a vector file of a known kind'), '0 passed, 0 failed'],
      exitCode: 2,
    })
    expect(conformance([join(folder, 'missing.json')]).exitCode).toBe(2)
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
