import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { devnet } from '@reliable-channels/waku-devnet'
import { afterAll, describe, expect, it } from 'vitest'
import { openMember } from '../src/demo/devnet/member.ts'
import type { DevnetResult } from '../src/demo/devnet/run.ts'

const main = fileURLToPath(new URL('../src/demo/main.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'demo-devnet-'))
afterAll(() => rmSync(folder, { recursive: true }))

const command = ['--conditions=@reliable-channels/source', main, '--devnet']
// As for users: under "test" libp2p takes addresses that it refuses otherwise.
const env = { ...process.env, NODE_ENV: 'production' }

function demo(...args: readonly string[]) {
  return spawnSync(process.execPath, [...command, ...args], { encoding: 'utf8', timeout: 300_000, env })
}

const photo = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * i) >> 7)
const path = join(folder, 'photo.jpg')
writeFileSync(path, photo)
const sha256 = createHash('sha256').update(photo).digest('hex')

/** Starts the demo, waits until it has said `text`, and does something to it; how it ended, and whether bob lives on. */
async function interrupt(text: string, act: (demo: number, bob: number) => void) {
  const child = spawn(process.execPath, [...command, path], { stdio: ['ignore', 'pipe', 'pipe'], env })
  const { promise: exit, resolve } = Promise.withResolvers<number | null>()
  child.on('close', resolve)
  let stdout = ''
  let stderr = ''
  let bob = 0
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (stdout += piece))
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    stderr += piece
    if (bob > 0 || !stderr.includes(text)) return
    bob = Number(/bob is process (\d+)/.exec(stderr)?.[1])
    act(child.pid!, bob)
  })
  const code = await exit
  return { code, stdout, stderr, bob }
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch {
    return false
  }
}

describe('the demo over a devnet', { timeout: 300_000 }, () => {
  it('sends a file of several MB from one process to another by light push, gossip and filter', () => {
    const { status, stdout, stderr } = demo(path)
    expect(stderr).toMatch(/^3 service nodes on loopback, without rate limits, .*; bob is process \d+\n/)
    expect(stderr).toMatch(/\nbob █+░+ +\d+ %\n/)
    expect(stderr).toMatch(/\nbob █+ 100 %\n$/)
    expect(stdout).toContain(
      `\nalice  sender    3,000,000  ${sha256}\nbob    receiver  3,000,000  ${sha256}\n`,
    )
    expect(stdout).toMatch(/\nnode 2 +\d+ by light push, [1-9]\d* by gossip, [1-9]\d* pushed to filters\n/)
    expect(stdout).toMatch(/\nstatus +delivered\n\nevery peer has the file, byte for byte\n$/)
    expect(status).toBe(0)
  })

  it('delivers it although a service node is killed half-way and another restarted', () => {
    const { status, stdout, stderr } = demo(path, '--kill-node', '--json')
    expect(stderr).toBe('')
    const { peers, network, ...result } = JSON.parse(stdout) as DevnetResult
    expect(result).toMatchObject({ ok: true, segments: 30, status: 'delivered' })
    expect(peers.map(({ name, bytes, sha256: hash }) => [name, bytes, hash])).toEqual([
      ['alice', 3_000_000, sha256],
      ['bob', 3_000_000, sha256],
    ])
    expect(network.upset).toMatchObject({ killed: 1, restarted: 2 })
    expect(network.upset!.atShare).toBeGreaterThanOrEqual(0.5)
    const [first, killed] = network.nodes
    expect(killed!.lightPushes).toBeLessThan(first!.lightPushes)
    expect(status).toBe(0)
  })

  it('delivers one to two receivers although the service nodes drop 30 % of their pushes', () => {
    const small = join(folder, 'icon.png')
    writeFileSync(small, photo.subarray(0, 500_000))
    const { status, stdout, stderr } = demo(small, '--loss', '0.3', '--receivers', '2')
    expect(stderr).toMatch(/, each drops 30 % of its pushes; bob is process \d+; carol is process \d+\n/)
    expect(stdout.match(/\n(bob  |carol)  receiver  500,000/g)).toHaveLength(2)
    expect(stdout).toMatch(/\nstatus +delivered\n\nevery peer has the file, byte for byte\n$/)
    expect(status).toBe(0)
  })

  it('seals what it sends', async () => {
    const seen: Uint8Array[] = []
    await using network = await devnet({
      nodes: 2,
      rateLimits: false,
      onMessage: ({ payload }) => seen.push(payload),
    })
    const { networkConfig, multiaddrs: bootstrapPeers } = network
    const key = crypto.getRandomValues(new Uint8Array(32))
    const common = { networkConfig, bootstrapPeers, segmentSizeBytes: 102_400, rate: undefined }
    await using bob = await openMember({ ...common, key, senderId: 'bob' })
    await using alice = await openMember({ ...common, key, senderId: 'alice' })
    const heard = Promise.withResolvers<string>()
    bob.channel.incoming$.subscribe(({ payload }) => heard.resolve(Buffer.from(payload).toString()))
    await alice.channel.send(Buffer.from('nobody else reads this')).sent()
    expect(await heard.promise).toBe('nobody else reads this')
    expect(seen.length).toBeGreaterThan(0)
    for (const payload of seen) expect(Buffer.from(payload).includes('nobody')).toBe(false)
  })

  it('closes everything on Ctrl-C', async () => {
    const { code, stdout, stderr, bob } = await interrupt('10 %', (demoProcess) =>
      process.kill(demoProcess, 'SIGINT'),
    )
    expect(stderr).toMatch(/\ndemo: interrupted\n$/)
    expect([code, stdout]).toEqual([130, ''])
    expect(isAlive(bob)).toBe(false)
  })

  it('says so when the other process dies', async () => {
    const { code, stdout, bob } = await interrupt('10 %', (_, bobsProcess) =>
      process.kill(bobsProcess, 'SIGKILL'),
    )
    expect(stdout).toMatch(/\nbob +receiver +0 +nothing arrived\n/)
    expect(stdout).toMatch(/\n\nfailed: bob's process ended: SIGKILL\n$/)
    expect(code).toBe(1)
    expect(isAlive(bob)).toBe(false)
  })

  const small = join(folder, 'small.txt')
  writeFileSync(small, 'one segment')
  const mistakes: [args: string[], message: RegExp][] = [
    [['--latency', '20'], /--latency is for the simulated network: /],
    [
      [small, '--kill-node'],
      /--kill-node needs a file of several segments, and 11 bytes are one: use a smaller --segment-size/,
    ],
    [[path, '--segment-size', '192'], /carry at most 16384: use --segment-size \d+ or more/],
  ]
  for (const [args, message] of mistakes) {
    it(`says what is wrong with ${args.map((arg) => arg.replace(folder, '…')).join(' ')}`, () => {
      const { status, stdout, stderr } = demo(...args)
      expect(stderr).toMatch(message)
      expect(stderr).toMatch(/(^|\n)demo: [^\n]*\n$/)
      expect([status, stdout]).toEqual([2, ''])
    })
  }
})
