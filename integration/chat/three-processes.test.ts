import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Devnet, devnet } from '@reliable-channels/waku-devnet'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const EXAMPLE = fileURLToPath(
  new URL('../../packages/messages/examples/programs/three-processes.ts', import.meta.url),
)

let network: Devnet
let folder: string
beforeAll(async () => {
  network = await devnet({ nodes: 2 })
  folder = mkdtempSync(join(tmpdir(), 'rc-chat-'))
})
afterAll(async () => {
  await network[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

/** The example as a process of its own. */
class ChatProcess implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #exited: Promise<unknown>
  readonly #waiting = new Set<() => void>()
  #output = ''

  constructor(name: string) {
    const { multiaddrs: bootstrapPeers, networkConfig } = network
    this.#child = spawn(
      process.execPath,
      ['--conditions=@reliable-channels/source', EXAMPLE, name, join(folder, name)],
      {
        env: {
          ...process.env,
          NETWORK: JSON.stringify({ bootstrapPeers, networkConfig }),
          PASSPHRASE: 'correct horse',
        },
      },
    )
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text
        for (const look of this.#waiting) look()
      })
    this.#exited = new Promise((resolve) => this.#child.once('exit', resolve))
  }

  say(text: string): void {
    this.#child.stdin.write(`${text}\n`)
  }

  /** Waits until a line of its own is there. */
  until(line: RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      void this.#exited.then(() => reject(new Error(`ended without ${line} in\n${this.#output}`)))
      const look = (): void => {
        if (!this.#output.split('\n').some((each) => line.test(each))) return
        this.#waiting.delete(look)
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(() => reject(new Error(`no ${line} in\n${this.#output}`)), 120_000)
      this.#waiting.add(look)
      look()
    })
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exited
  }

  async leave(): Promise<unknown> {
    this.#child.stdin.end()
    return this.#exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }
}

describe('the chat of three processes', () => {
  it('has history, ticks for each member and encryption, and goes on after a kill', async () => {
    await using alice = new ChatProcess('alice')
    await using bob = new ChatProcess('bob')
    await using carol = new ChatProcess('carol')
    await Promise.all([alice, bob, carol].map((each) => each.until(/^Here as/)))
    alice.say('hello')
    await Promise.all([bob, carol].map((each) => each.until(/alice: hello$/)))
    await alice.until(/alice: hello ✓ (bob carol|carol bob)$/)

    // Bob is killed, misses something, and comes back to what he had and what he missed.
    await bob.kill()
    alice.say('bob?')
    await alice.until(/alice: bob\? ✓ carol$/)
    await using again = new ChatProcess('bob')
    await again.until(/alice: hello$/)
    await again.until(/alice: bob\?$/)
    await alice.until(/alice: bob\? ✓ carol bob$/)

    // Alice is killed too: her messages are there again, and who has them.
    await alice.kill()
    await using back = new ChatProcess('alice')
    await back.until(/alice: hello ✓ (bob carol|carol bob)$/)
    await back.until(/alice: bob\? ✓ carol bob$/)
    again.say('here I am')
    await back.until(/bob: here I am$/)
    expect(await back.leave()).toBe(0)
  })

  it('takes at most 60 lines', () => {
    expect(readFileSync(EXAMPLE, 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(60)
  })
})
