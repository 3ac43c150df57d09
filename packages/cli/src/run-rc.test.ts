import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sealFrame, xchacha } from '@reliable-channels/encryption'
import { encodeLip } from '@reliable-channels/sds/core'
import { hexOf } from '@reliable-channels/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testHost } from '../test/test-host.ts'
import { placeOfChannel } from './channel-name.ts'
import { runRc } from './run-rc.ts'

const MESSAGE = '0a026d311081c3bbc20622096368616e6e656c2d312a0301020332003a05616c696365'

describe('rc', () => {
  it('prints its help, and that of each command, and ends with 0', async () => {
    for (const args of [['--help'], ['help'], ['help', 'inspect'], ['inspect', '--help']]) {
      const host = testHost()
      expect(await runRc(args, host)).toBe(0)
      expect(host.out()).toMatch(/^Usage: rc/)
      expect(host.errors()).toBe('')
    }
  })

  it('prints its version', async () => {
    const host = testHost()
    expect(await runRc(['--version'], host)).toBe(0)
    expect(host.out()).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it('prints its help on stderr and ends with 2 when nothing is asked of it', async () => {
    const host = testHost()
    expect(await runRc([], host)).toBe(2)
    expect(host.out()).toBe('')
    expect(host.errors()).toMatch(/^Usage: rc/)
  })

  it.each<[string[], string]>([
    [['inspct', '00'], "unknown command 'inspct' (Did you mean inspect?)"],
    [['inspect'], "missing required argument 'frame'"],
    [['inspect', '00', '11'], "too many arguments for 'inspect'"],
    [['inspect', '00', '--nonsense'], "unknown option '--nonsense'"],
    [['inspect', 'no-such-file'], 'no-such-file is neither hexadecimal digits'],
    [['inspect', '0102030405000', '--channel', ''], 'the name of a channel has 1 to 100 bytes'],
    [['inspect', '00', '--channel', 'a\u001B[2J'], 'the name of a channel is text on one line'],
    [
      ['inspect', '00', '--channel', 'a', '--topic', 'x'],
      '--topic expected /application/version/name/encoding',
    ],
    [
      ['inspect', '010203040500', '--key=12', '--channel', 'a'],
      'a key has 64 hexadecimal digits, and 2 characters came',
    ],
    [['inspect', '010203040500', '--key=@none'], 'cannot read the key file none: there is no such file'],
    [['inspect', '010203040500', '--key'], 'there is no terminal to ask for the key on'],
    [['inspect', '010203040500', '--passphrase=a'], 'a passphrase makes another key for each channel'],
    [['inspect', '00', '--key=1', '--passphrase=2'], 'cannot be used with option'],
  ])('says what is wrong with %j and what to do, and ends with 2', async (args, problem) => {
    const host = testHost()
    expect(await runRc(args, host)).toBe(2)
    expect(host.out()).toBe('')
    const [first, second, ...rest] = host.errors().trimEnd().split('\n')
    expect(first).toContain(`rc: `)
    expect(first).toContain(problem)
    expect(second ?? '    .').toMatch(/^ {4}\S/)
    expect(rest).toEqual([])
  })

  it('says what is wrong as one JSON object with --json', async () => {
    const host = testHost()
    expect(await runRc(['inspect', 'no-such-file', '--json'], host)).toBe(2)
    expect(JSON.parse(host.errors())).toMatchObject({ event: 'error', code: 'ERR_COMMAND_LINE', exitCode: 2 })
  })

  it('never repeats what came as a key', async () => {
    const host = testHost()
    const nearlyKey = 'ab'.repeat(31)
    await runRc(['inspect', '010203040500', `--key=${nearlyKey}`], host)
    expect(host.errors()).not.toContain('abab')
  })
})

describe('rc inspect', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rc-inspect-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('shows the layers of a frame in words, without colour where there is no terminal', async () => {
    const host = testHost()
    expect(await runRc(['inspect', MESSAGE], host)).toBe(0)
    expect(host.out()).toBe(`SDS message, dialect nim, content  35 bytes
   0  1  message id         m1
   4  2  Lamport timestamp  1750000001 (2025-06-15T15:06:41.000Z)
  10  4  channel id         channel-1
  21  5  content            010203 (3 bytes)
  26  6  bloom filter       empty
  28  7  sender id          alice

Payload  3 bytes
  0    bytes  010203 (3 bytes)

nothing is wrong with it
`)
  })

  it('is coloured when it is told to, and never with NO_COLOR', async () => {
    const coloured = testHost({ FORCE_COLOR: '1' })
    await runRc(['inspect', MESSAGE], coloured)
    expect(coloured.out()).toContain('\u001B[')
    const plain = testHost({ FORCE_COLOR: '1', NO_COLOR: '1' })
    await runRc(['inspect', MESSAGE], plain)
    expect(plain.out()).not.toContain('\u001B[')
  })

  it('prints a JSON object for each layer and a verdict, and ends with 1 when something is wrong', async () => {
    const host = testHost()
    expect(await runRc(['inspect', MESSAGE.slice(0, -4), '--json'], host)).toBe(1)
    expect(host.events()).toMatchObject([
      { event: 'layer', kind: 'sds', flaws: [{ severity: 'error', offset: 28 }] },
      { event: 'verdict', isSound: false },
    ])
  })

  it('takes digits with 0x and white space, a file of digits, a file of bytes, and stdin', async () => {
    const spaced = `0x${MESSAGE.toUpperCase().replaceAll(/../g, '$& ')}`
    const [text, binary] = [join(folder, 'frame.hex'), join(folder, 'frame.bin')]
    writeFileSync(text, `${MESSAGE}\n`)
    writeFileSync(binary, Buffer.from(MESSAGE, 'hex'))
    const outputs = []
    for (const argument of [MESSAGE, spaced, text, binary, '-']) {
      const host = testHost()
      host.stdin.end(MESSAGE)
      expect(await runRc(['inspect', argument], host)).toBe(0)
      outputs.push(host.out())
    }
    expect(new Set(outputs).size).toBe(1)
  })

  it('opens a sealed frame with the key, and says why it does not', async () => {
    const key = new Uint8Array(32).fill(7)
    const place = placeOfChannel('lobby')
    const message = {
      senderId: 'alice',
      messageId: 'm',
      channelId: 'lobby',
      lamport: 5,
      causalHistory: [],
      repairRequest: [],
    }
    const plain = encodeLip({ ...message, content: new TextEncoder().encode('hello') })
    const frame = hexOf(await sealFrame(xchacha({ key }), plain, place))
    const inspect = async (...args: string[]): Promise<[number, string]> => {
      const host = testHost()
      return [await runRc(['inspect', frame, ...args], host), host.out()]
    }
    const secret = `--key=${hexOf(key)}`
    expect(await inspect('--channel', 'lobby', secret)).toEqual([0, expect.stringContaining('text  hello')])
    expect(await inspect()).toEqual([0, expect.stringContaining('what is in it shows with the key')])
    expect(await inspect(secret)).toEqual([1, expect.stringContaining('say which with --channel')])
    expect(await inspect('--channel', 'other', secret)).toEqual([
      1,
      expect.stringContaining('it does not open: not authentic'),
    ])
    expect(await inspect('--channel', 'lobby', `--key=${'00'.repeat(32)}`)).toEqual([
      1,
      expect.stringMatching(/sealed with key [\da-f]{8}, and yours is [\da-f]{8}/),
    ])
  })

  it('ends with 130 when it is interrupted while it reads', async () => {
    const host = testHost()
    const done = runRc(['inspect', '-'], host)
    host.stdin.write('0a02')
    setImmediate(() => host.interrupt())
    expect(await done).toBe(130)
    expect(host.errors()).toBe('rc: interrupted\n')
  })

  it('says what a file is too large for', async () => {
    const large = join(folder, 'large')
    writeFileSync(large, new Uint8Array(5 * 1024 * 1024))
    const host = testHost()
    expect(await runRc(['inspect', large], host)).toBe(1)
    expect(host.errors()).toContain('more than 4194304 bytes are no frame')
  })
})
