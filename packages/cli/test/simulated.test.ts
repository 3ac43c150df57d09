import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runRc } from '../src/run-rc.ts'
import { type TestHost, testHost } from './test-host.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rc-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Runs a command on the simulated network, in real time. */
async function run(
  args: string[],
  use: (host: TestHost) => void = () => {},
): Promise<{ code: number; host: TestHost }> {
  const host = testHost({}, Date.now)
  const done = runRc(args, host)
  use(host)
  return { code: await done, host }
}

const events = (host: TestHost, name: string): Record<string, unknown>[] =>
  host.events().filter(({ event }) => event === name)

describe('over the simulated network', () => {
  it('sends a file through loss, and ends once somebody has it', async () => {
    const file = join(folder, 'photo.jpg')
    writeFileSync(file, new Uint8Array(300_000).fill(7))
    const args = [
      'send-file',
      'lobby',
      file,
      '--sim',
      '--loss',
      '0.3',
      '--name',
      'alice',
      '--passphrase=open sesame',
      '--json',
    ]
    const { code, host } = await run(args)
    expect(host.errors()).toBe('')
    expect(code).toBe(0)
    expect(events(host, 'joined')).toMatchObject([
      { channel: 'lobby', name: 'alice', keyId: expect.stringMatching(/^[\da-f]{8}$/) },
    ])
    expect(events(host, 'sending')).toMatchObject([{ name: 'photo.jpg', bytes: 300_000 }])
    expect(events(host, 'done')).toMatchObject([{ deliveredTo: ['robin'], segments: 3 }])
  })

  it('says what became of a file in words', async () => {
    const file = join(folder, 'a.txt')
    writeFileSync(file, 'abc')
    const { code, host } = await run(['send-file', 'lobby', file, '--sim', '--loss', '0', '--name', 'alice'])
    expect([code, host.out()]).toEqual([
      0,
      'a.txt, 3 bytes, delivered to robin\nSHA-256 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n',
    ])
    expect(host.errors()).toContain('in plaintext: anybody can read it')
  })

  it('ends with 4 when nobody acknowledges in time', async () => {
    const file = join(folder, 'a.txt')
    writeFileSync(file, 'abc')
    const { code, host } = await run([
      'send-file',
      'lobby',
      file,
      '--sim',
      '--loss',
      '0.999',
      '--timeout',
      '300ms',
    ])
    expect(code).toBe(4)
    expect(host.errors()).toContain('rc: nobody acknowledged the file within 0.3 s\n    Is somebody there')
  })

  it('goes on with a file that nobody had when it ended, under --data', async () => {
    const file = join(folder, 'a.txt')
    writeFileSync(file, 'abc')
    const command = ['send-file', 'lobby', file, '--sim', '--data', join(folder, 'data'), '--json']
    const first = await run([...command, '--name', 'alice', '--loss', '0.999', '--timeout', '300ms'])
    expect(first.code).toBe(4)
    const second = await run([...command, '--loss', '0'])
    expect(second.code).toBe(0)
    const [sending] = events(first.host, 'sending')
    expect(events(second.host, 'sending')).toMatchObject([{ requestId: sending!['requestId'] }])
    expect(events(second.host, 'done')).toMatchObject([{ deliveredTo: ['robin'] }])
  })

  it('receives files, saves each under a name of its own, and ends after as many as are wanted', async () => {
    for (const name of ['from-robin.txt', 'from-robin (1).txt']) {
      const { code, host } = await run([
        'receive',
        'lobby',
        '--sim',
        '--name',
        'alice',
        '--count',
        '1',
        '--save',
        folder,
        '--json',
      ])
      expect(code).toBe(0)
      expect(events(host, 'message')).toMatchObject([
        { kind: 'text', from: 'robin' },
        { kind: 'file', from: 'robin', text: 'from-robin.txt', file: { path: join(folder, name) } },
      ])
      expect(events(host, 'progress').at(-1)).toMatchObject({ from: 'robin', needed: 2 })
    }
    expect(readFileSync(join(folder, 'from-robin.txt'), 'utf8')).toMatch(/^line 1 of 4000, by robin/)
    expect(readdirSync(folder).length).toBe(2)
  })

  it('says that nothing came in time, and ends with 4', async () => {
    const { code, host } = await run([
      'receive',
      'lobby',
      '--sim',
      // Nor from the network's memory.
      '--since',
      '0',
      '--loss',
      '0.999',
      '--save',
      folder,
      '--count',
      '1',
      '--timeout',
      '300ms',
    ])
    expect(code).toBe(4)
    expect(host.errors()).toContain('rc: no file came within 0.3 s')
  })

  it('ends with 130 when it is interrupted before it was done, and with 0 when there was no end to wait for', async () => {
    const interrupted = (host: TestHost): void => host.interrupt()
    const some = ['receive', 'lobby', '--sim', '--save', folder, '--count', '5']
    expect((await run(some, interrupted)).code).toBe(130)
    const endless = await run(['receive', 'lobby', '--sim', '--save', folder], (host) => {
      host.stdout.once('data', () => host.interrupt())
    })
    expect([endless.code, endless.host.errors()]).toEqual([0, expect.not.stringContaining('rc:')])
  })

  it('says what comes through a pipe, and ends once the network has it', async () => {
    const { code, host } = await run(
      ['chat', 'lobby', '--sim', '--loss', '0', '--name', 'alice', '--save', folder],
      (one) => one.stdin.end('hello\n/who\n/nonsense\n//slash\n'),
    )
    expect(code).toBe(0)
    expect(host.errors()).toContain('there is no /nonsense: /help lists what there is')
  })

  it('keeps what was said under --data, with ticks, and goes on with it', async () => {
    const data = join(folder, 'data')
    const chat = ['chat', 'lobby', '--sim', '--loss', '0', '--data', data, '--save', folder, '--json']
    // It ends when the answer is there.
    const first = await run([...chat, '--name', 'alice'], (host) => {
      host.stdin.write('hello\n')
      host.stdout.on('data', (chunk: Buffer) => {
        if (chunk.toString().includes('You said: hello')) host.stdin.end()
      })
    })
    expect(first.code).toBe(0)
    const second = await run(chat, (host) => host.stdin.end())
    expect(second.code).toBe(0)
    expect(events(second.host, 'joined')).toMatchObject([{ name: 'alice', keepsHistory: true }])
    const history = events(second.host, 'history')
    expect(history).toContainEqual(
      expect.objectContaining({ from: 'alice', text: 'hello', deliveredTo: ['robin'] }),
    )
    expect(history).toContainEqual(expect.objectContaining({ from: 'robin', text: 'You said: hello' }))
  })

  it('ends with 6 when the directory is of somebody else, in use, or none', async () => {
    const data = join(folder, 'data')
    const chat = (name: string): string[] => [
      'chat',
      'lobby',
      '--sim',
      '--data',
      data,
      '--name',
      name,
      '--save',
      folder,
    ]
    const first = await run(chat('alice'), (host) => host.stdin.end())
    expect(first.code).toBe(0)
    const other = await run(chat('bob'), (host) => host.stdin.end())
    expect([other.code, other.host.errors()]).toEqual([
      6,
      expect.stringContaining('is the directory of alice, and you are to be bob'),
    ])
    const holder = testHost({}, Date.now)
    const holding = runRc([...chat('alice'), '--json'], holder)
    await new Promise((resolve) => holder.stdout.once('data', resolve))
    const late = await run(chat('alice'), (host) => host.stdin.end())
    expect([late.code, late.host.errors()]).toEqual([
      6,
      expect.stringContaining('Another rc has this directory open'),
    ])
    holder.stdin.end()
    expect(await holding).toBe(0)
    writeFileSync(join(folder, 'file'), '')
    const none = await run(['chat', 'lobby', '--sim', '--data', join(folder, 'file')], (host) =>
      host.stdin.end(),
    )
    expect([none.code, none.host.errors()]).toEqual([
      6,
      expect.stringContaining('cannot be used as a directory'),
    ])
  })

  it('finds everything well with a network that works, and says who is there', async () => {
    const args = [
      'doctor',
      'lobby',
      '--sim',
      '--loss',
      '0',
      '--passphrase=open sesame',
      '--listen',
      '200ms',
      '--json',
    ]
    const { code, host } = await run(args)
    expect([code, host.errors()]).toEqual([0, ''])
    const findings = events(host, 'finding')
    expect(findings.map(({ check, verdict }) => [check, verdict])).toEqual(
      ['network', 'sending', 'receiving', 'memory', 'clock', 'key', 'members'].map((check) => [check, 'ok']),
    )
    expect(findings.at(-1)).toMatchObject({ message: 'heard: robin (just now)' })
    expect(events(host, 'verdict')).toEqual([{ event: 'verdict', isWell: true }])
  })

  it.each<[string[], string]>([
    [['chat', 'lobby'], 'no network was chosen'],
    [['chat', 'lobby', '--sim', '--loss', '1'], '--loss takes a share from 0 to less than 1'],
    [['chat', 'lobby', '--sim', '--name', ''], 'the name of a member has 1 to 100 bytes'],
    [['chat', 'lobby', '--sim', '--since', 'soon'], '--since takes a time such as 90s'],
    [['receive', 'lobby', '--sim', '--count', '0'], '--count takes an integer from 1'],
    [['chat', 'lobby', '--sim', '--passphrase='], 'the passphrase is empty'],
    [['chat', '--passphrase', 'lobby', '--sim'], 'there is no terminal to ask'],
  ])('says what is wrong with %j, and ends with 2', async (args, problem) => {
    const { code, host } = await run(args, (one) => one.stdin.end())
    expect([code, host.errors()]).toEqual([2, expect.stringContaining(problem)])
  })
})
