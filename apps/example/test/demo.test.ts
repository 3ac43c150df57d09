import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import type { DemoResult } from '../src/demo/run.ts'

const main = fileURLToPath(new URL('../src/demo/main.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'demo-'))
afterAll(() => rmSync(folder, { recursive: true }))

function demo(...args: readonly string[]) {
  return spawnSync(process.execPath, ['--conditions=@reliable-channels/source', main, ...args], {
    encoding: 'utf8',
    timeout: 300_000,
  })
}

function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

const picture = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) >> 5)

describe('the demo', () => {
  for (const extra of [[], ['--encrypt', '--duplicate', '0.1', '--reorder', '0.2']]) {
    it(`delivers a file to both peers: --loss 0.2 ${extra.join(' ')}`, { timeout: 300_000 }, () => {
      const path = file('picture.bin', picture)
      const { status, stdout } = demo(path, '--loss', '0.2', '--latency', '5', '--json', ...extra)
      const result = JSON.parse(stdout) as DemoResult
      expect(result).toMatchObject({ ok: true, segments: 3, status: 'delivered' })
      const sha256 = createHash('sha256').update(picture).digest('hex')
      expect(result.peers.map(({ name, bytes, sha256: hash }) => [name, bytes, hash])).toEqual([
        ['alice', 300_000, sha256],
        ['bob', 300_000, sha256],
        ['carol', 300_000, sha256],
      ])
      expect(status).toBe(0)
    })
  }

  it('shows progress, then a table', () => {
    const { status, stdout, stderr } = demo(file('small.bin', picture.subarray(0, 2_000)), '--loss', '0')
    expect(status).toBe(0)
    expect(stderr).toMatch(/bob █+ 100 % {2}carol █+ 100 %\n$/)
    expect(stdout).toMatch(/^peer +role +bytes +SHA-256\nalice +sender +2,000 +[0-9a-f]{64}\n/)
    expect(stdout).toMatch(/\nstatus +delivered\n\nevery peer has the file, byte for byte\n$/)
  })

  it('has as many receivers as are asked for', () => {
    const { stdout } = demo(file('few.bin', picture.subarray(0, 2_000)), '--receivers', '4', '--json')
    const { ok, peers } = JSON.parse(stdout) as DemoResult
    expect(ok).toBe(true)
    expect(peers.map(({ name }) => name)).toEqual(['alice', 'bob', 'carol', 'dave', 'erin'])
  })

  it('keeps to a rate', () => {
    const { stdout } = demo(
      file('paced.bin', picture.subarray(0, 1_000)),
      ...['--loss', '0', '--segment-size', '192', '--rate', '4/1s', '--json'],
    )
    const result = JSON.parse(stdout) as DemoResult
    expect(result).toMatchObject({ ok: true, segments: 16 })
    // 16 messages at 4 an epoch touch at least four epochs, so that two whole ones lie between the first and the last.
    expect(result.seconds).toBeGreaterThanOrEqual(2)
  })

  it('says what the rate limit holds back, and until when', () => {
    // N11
    const { status, stderr } = demo(
      file('held.bin', picture.subarray(0, 1_000)),
      ...['--loss', '0', '--segment-size', '192', '--rate', '4/1s'],
    )
    expect(status).toBe(0)
    expect(stderr).toMatch(
      /^bob [█░]+ +\d+ % {2}carol [█░]+ +\d+ % {2}\d+ messages? waits? for the next epoch, in 1 s$/m,
    )
    expect(stderr).toMatch(/bob █+ 100 % {2}carol █+ 100 %\n$/)
  })

  const mistakes: [args: string[], message: RegExp][] = [
    [['--loss', '1.5'], /--loss takes a number from 0 to 0\.95, got "1\.5"/],
    [['--loss', 'much'], /--loss takes a number/],
    [['--receivers', '5'], /--receivers takes an integer from 1 to 4, got "5"/],
    [['--bogus'], /Unknown option '--bogus'.*see --help/],
    [['--kill-node'], /--kill-node is for --devnet: add that/],
    [['--rate', '10'], /--rate takes N\/PERIOD/],
    [['--segment-size', '100'], /--segment-size takes an integer from 192/],
    [['a', 'b'], /expected one FILE, got 2/],
    [['/no/such/file'], /cannot read \/no\/such\/file \(ENOENT\)/],
    [[folder], /cannot read .* \(EISDIR\)/],
    [[file('empty.bin', new Uint8Array())], /empty\.bin is empty/],
    [
      [file('large.bin', picture.subarray(0, 20_000)), '--segment-size', '192'],
      /20000 bytes, and 256 segments of this size carry at most 16384: use --segment-size 256 or more/,
    ],
  ]
  for (const [args, message] of mistakes) {
    it(`says in one line what is wrong with ${args.map((arg) => arg.replace(folder, '…')).join(' ')}`, () => {
      const { status, stdout, stderr } = demo(...args)
      expect(stderr).toMatch(message)
      expect(stderr).toMatch(/^demo: [^\n]*\n$/)
      expect([status, stdout]).toEqual([2, ''])
    })
  }

  it('explains itself', () => {
    const { status, stdout } = demo('--help')
    expect(status).toBe(0)
    for (const option of [
      '--receivers',
      '--loss',
      '--latency',
      '--duplicate',
      '--reorder',
      '--segment-size',
      '--rate',
      '--encrypt',
      '--seed',
      '--devnet',
      '--kill-node',
      '--rate-limits',
      '--json',
    ]) {
      expect(stdout).toContain(option)
    }
  })
})
