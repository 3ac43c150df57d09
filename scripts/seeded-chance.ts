import { beforeEach } from 'vitest'
import { seededRandom } from '../packages/simulator/src/random.ts'

const chosen = process.env['PROPERTY_SEED']
const seed = chosen === undefined ? 1 : Number(chosen)

let random = seededRandom(seed)

/** Fills whole 32-bit words while there is room for them, then bytes. */
function fill<T extends ArrayBufferView>(view: T): T {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
  let at = 0
  while (at < bytes.length) {
    let word = Math.floor(random() * 2 ** 32)
    for (const end = Math.min(at + 4, bytes.length); at < end; at++) {
      bytes[at] = word
      word >>>= 8
    }
  }
  return view
}

/**
 * Chance is the same in every run. What asks the platform for it in a test, be it a nonce, a key, an id or a library of
 * others, gets what follows from the name of the test: a nonce decides the hash of a frame, that the order of messages, and
 * that whether a bound holds. `PROPERTY_SEED=7 npx pnpm@12 test` tries others. Processes and browsers that a test starts
 * have the chance of their platform.
 */
Object.defineProperty(crypto, 'getRandomValues', { configurable: true, writable: true, value: fill })
Math.random = () => random()

beforeEach(({ task }) => {
  random = seededRandom(seed, task.fullTestName)
})
