import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Terminal } from './terminal.ts'

/** Nobody listens there. */
const NOWHERE = '/ip4/127.0.0.1/tcp/1/ws/p2p/16Uiu2HAmSMCkqs21G2dSMQFUMtZofH2YpPcndyfCvgzdSgnqxiAz'
const WORDS = 'open sesame, please'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rc-terminals-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Bytes that cannot be compressed, the same in every run. */
function photo(name: string, length: number): string {
  const path = join(folder, name)
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, i) =>
    createHash('sha256').update(`${name} ${i}`).digest(),
  )
  writeFileSync(path, Buffer.concat(blocks).subarray(0, length))
  return path
}

describe('rc in terminals, over a devnet', () => {
  const env = (): Record<string, string> => ({ RC_DEVNET_FILE: join(folder, 'devnet.json') })

  /** Opens a chat, and types the passphrase when it is asked for. */
  async function enter(name: string, words = WORDS): Promise<Terminal> {
    const [data, save] = [join(folder, name), join(folder, `${name}-files`)]
    const named = existsSync(data) ? [] : ['--name', name]
    const terminal = new Terminal(
      ['chat', 'lobby', '--devnet', '--data', data, '--save', save, ...named, '--passphrase'],
      env(),
    )
    await terminal.until(/Passphrase/)
    terminal.type(words)
    await terminal.until(/type to talk/)
    return terminal
  }

  it('two chat and send a photo; each is killed half-way and goes on after a restart; a third has the wrong key', async () => {
    await using network = new Terminal(['devnet', '--port', '0', '--nodes', '2'], env())
    await network.until(/Ctrl-C stops/)
    await using alice = await enter('alice')
    await using bob = await enter('bob')

    alice.type('hello bob')
    await bob.until(/alice +hello bob/)
    await alice.until(/✓✓ bob: hello bob/)
    bob.type('hello alice')
    await alice.until(/bob +hello alice/)
    // What was typed where nothing is shown is nowhere.
    expect(alice.text).not.toContain('sesame')

    // Bob goes in the middle of a photo, and comes back.
    const first = photo('first.jpg', 3_000_000)
    alice.type(`/send ${first}`)
    await bob.until(/\[alice \d+ %\]/)
    await bob.kill()
    alice.type('are you there?')
    await using bobAgain = await enter('bob')
    await bobAgain.until(/alice +are you there\?/)
    await bobAgain.until(/alice +sent first\.jpg/)
    expect(bobAgain.text).toMatch(/alice +hello bob/)
    expect(readFileSync(join(folder, 'bob-files', 'first.jpg'))).toEqual(readFileSync(first))

    // Alice goes in the middle of sending, and comes back.
    await alice.until(/✓✓ bob: first\.jpg/)
    const second = photo('second.jpg', 3_000_000)
    const before = bobAgain.text.length
    alice.type(`/send ${second}`)
    await bobAgain.until(/\[alice \d+ %\]/, before)
    await alice.kill()
    await using aliceAgain = await enter('alice')
    await bobAgain.until(/alice +sent second\.jpg/)
    expect(readFileSync(join(folder, 'bob-files', 'second.jpg'))).toEqual(readFileSync(second))
    await aliceAgain.until(/✓✓ bob: second\.jpg/)
    expect(aliceAgain.text).toMatch(/bob +hello alice/)

    await using carol = await enter('carol', 'some other words')
    aliceAgain.type('for those with the key')
    await carol.until(/messages come that your key [\da-f]{8} does not open/)
    // Whoever leaves before somebody has what he said ends with 4.
    await aliceAgain.until(/✓✓ bob: for those with the key/)

    for (const terminal of [aliceAgain, bobAgain, carol]) terminal.control('d')
    expect(await Promise.all([aliceAgain.exitCode, bobAgain.exitCode, carol.exitCode])).toEqual([0, 0, 0])
    network.control('c')
    expect(await network.exitCode).toBe(0)
    expect(network.text).toContain('stopped')
    expect(existsSync(env()['RC_DEVNET_FILE']!)).toBe(false)
  })

  it('a chat starts a devnet where none runs, which others find while it lasts', async () => {
    await using first = new Terminal(['chat', 'lobby', '--devnet', '--name', 'dave', '--save', folder], env())
    await first.until(/no devnet runs: this process runs one while it lasts/)
    await first.until(/type to talk/)
    await using second = new Terminal(
      ['chat', 'lobby', '--devnet', '--name', 'erin', '--save', folder],
      env(),
    )
    await second.until(/lobby on the devnet, as erin, in plaintext/)
    first.type('anybody?')
    await second.until(/dave +anybody\?/)
    second.control('c')
    first.control('c')
    expect(await Promise.all([first.exitCode, second.exitCode])).toEqual([0, 0])
  })

  it('says that nobody can be reached, and what to do, and ends with 3', async () => {
    await using terminal = new Terminal(['chat', 'lobby', '--waku', NOWHERE, '--cluster', '66'], env())
    expect(await terminal.exitCode).toBe(3)
    expect(terminal.text).toMatch(/rc: nobody can be reached at .*check the address/s)
  })

  it('ends with 130 at Ctrl-C while it asks, and while it connects', async () => {
    await using asking = new Terminal(['chat', 'lobby', '--devnet', '--key'], env())
    await asking.until(/Key \(64 hexadecimal digits\)/)
    asking.control('c')
    expect(await asking.exitCode).toBe(130)
    await using connecting = new Terminal(['receive', 'lobby', '--waku', NOWHERE, '--count', '1'], env())
    await connecting.until(/connecting to a service node/)
    connecting.control('c')
    expect(await connecting.exitCode).toBe(130)
  })
})
