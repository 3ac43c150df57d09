import { describe, expect, it } from 'vitest'
import {
  type Cipher,
  type CipherContext,
  DecryptionError,
  aesGcm,
  createKeyRing,
  openFrame,
  readHeader,
  sealFrame,
  xchacha,
} from './index.ts'

const keyOf = (seed: number): Uint8Array => new Uint8Array(32).fill(seed)
const plain = new TextEncoder().encode('bytes that stay what they are')
/** Long enough for the ciphers to take their fast path. */
const long = new Uint8Array(1500).fill(7)
const context = {
  channelId: 'room',
  contentTopic: '/app/1/room/proto',
  senderId: 'alice',
  kind: 'sync',
} as const
const anyKind = { channelId: 'room', contentTopic: '/app/1/room/proto', senderId: 'alice' }

/** How opening ended; an error of another class, or a throw instead of a rejection, would fail the test. */
async function outcome(cipher: Cipher, sealed: Uint8Array, at: CipherContext): Promise<string> {
  try {
    const opened = await openFrame(cipher, sealed, at)
    return `opened ${opened.length}`
  } catch (error) {
    if (!(error instanceof DecryptionError)) throw error
    expect(error.message.startsWith('decryption failed: ')).toBe(true)
    return error.reason
  }
}

describe.each<[string, (options: Parameters<typeof xchacha>[0]) => Cipher]>([
  ['xchacha', xchacha],
  ['xchacha, portable', (options) => xchacha({ ...options, backend: 'portable' })],
  ['aesGcm', aesGcm],
])('a frame sealed by %s', (_, make) => {
  const cipher = make({ key: keyOf(1) })
  const seal = async (): Promise<Uint8Array> => sealFrame(cipher, plain, context)

  it('is opened in its own context, and says in the clear what it is', async () => {
    const sealed = await seal()
    expect(sealed).toHaveLength(plain.length + cipher.overheadBytes)
    expect(await openFrame(cipher, sealed, context)).toEqual(plain)
    expect(await openFrame(cipher, sealed, anyKind)).toEqual(plain)
    expect(readHeader(sealed)).toMatchObject({ kind: 'sync', keyId: expect.stringMatching(/^[0-9a-f]{8}$/) })
    expect(
      await outcome(make({ key: keyOf(1) }), await sealFrame(cipher, new Uint8Array(), context), context),
    ).toBe('opened 0')
  })

  it('is bound to an author who is no well-formed text, too', async () => {
    const at = (senderId: string): CipherContext => ({ ...anyKind, senderId })
    const sealed = await sealFrame(cipher, plain, at('\udc80'))
    for (const other of ['\udc81', '\ufffd', JSON.stringify('\udc80'), 'alice']) {
      expect(await outcome(cipher, sealed, at(other))).toBe('not-authentic')
    }
    expect(await outcome(cipher, sealed, at('\udc80'))).toBe(`opened ${plain.length}`)
  })

  it('is never the same twice', async () => {
    expect(await seal()).not.toEqual(await seal())
  })

  it('is rejected with any single bit flipped, whatever the bit', async () => {
    const sealed = await seal()
    const reasons = new Map<string, number>()
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const flipped = sealed.slice()
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      const reason = await outcome(cipher, flipped, anyKind)
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
    }
    // Version: 8 bits, and 7 of kind; key id: 32; the bit that makes a sync message a content one, and all the rest.
    expect(Object.fromEntries(reasons)).toEqual({
      malformed: 15,
      'unknown-key': 32,
      'not-authentic': sealed.length * 8 - 47,
    })
  })

  it('is rejected when it is long, too, with a bit flipped or cut short', async () => {
    const sealed = await sealFrame(cipher, long, context)
    expect(await openFrame(cipher, sealed, context)).toEqual(long)
    for (let byte = 0; byte < sealed.length; byte += 5) {
      const flipped = sealed.slice()
      flipped[byte]! ^= 1 << (byte & 7)
      expect(await outcome(cipher, flipped, anyKind)).not.toMatch('opened')
      if (byte < 400)
        expect(await outcome(cipher, sealed.subarray(0, -1 - byte), context)).toBe('not-authentic')
    }
    expect(await outcome(cipher, sealed, { ...context, channelId: 'other' })).toBe('not-authentic')
  })

  it('is rejected cut short anywhere, or made longer', async () => {
    const sealed = await seal()
    for (let length = 0; length < sealed.length; length++) {
      const expected = length < cipher.overheadBytes ? 'malformed' : 'not-authentic'
      expect(await outcome(cipher, sealed.subarray(0, length), context)).toBe(expected)
    }
    expect(await outcome(cipher, Uint8Array.of(...sealed, 0), context)).toBe('not-authentic')
  })

  it('is rejected replayed into another channel, topic, author, kind or other data', async () => {
    const sealed = await seal()
    const foreign: [CipherContext, string][] = [
      [{ ...context, channelId: 'other' }, 'not-authentic'],
      [{ ...context, contentTopic: '/app/1/other/proto' }, 'not-authentic'],
      [{ ...context, senderId: 'mallory' }, 'not-authentic'],
      [{ ...context, senderId: undefined }, 'not-authentic'],
      [{ ...context, senderId: '' }, 'not-authentic'],
      [{ ...context, aad: Uint8Array.of(0) }, 'not-authentic'],
      [{ ...context, kind: 'content' }, 'wrong-kind'],
      // The same characters, divided otherwise.
      [{ ...context, channelId: 'room/app', contentTopic: '/1/room/proto' }, 'not-authentic'],
    ]
    for (const [at, reason] of foreign)
      expect(await outcome(cipher, sealed, at), JSON.stringify(at)).toBe(reason)
  })

  it('is rejected if sealed by a foreign or a retired key', async () => {
    const sealed = await seal()
    expect(await outcome(make({ key: keyOf(2) }), sealed, context)).toBe('unknown-key')
    const keyRing = createKeyRing({ keys: [keyOf(1)], keepRotations: 1 })
    const rotating = make({ keyRing })
    keyRing.rotate(keyOf(2))
    expect(await outcome(rotating, sealed, context)).toBe(`opened ${plain.length}`)
    keyRing.rotate(keyOf(3))
    expect(await outcome(rotating, sealed, context)).toBe('retired-key')
  })

  it('is told from plaintext, and from a frame of the other cipher', async () => {
    const other = cipher.id.startsWith('aes') ? xchacha({ key: keyOf(1) }) : aesGcm({ key: keyOf(1) })
    expect(await outcome(cipher, await sealFrame(other, plain, context), context)).toBe('malformed')
    expect(await outcome(cipher, new TextEncoder().encode('\u000a plaintext'.repeat(9)), context)).toBe(
      'malformed',
    )
    expect(await outcome(cipher, new Uint8Array(), context)).toBe('malformed')
  })
})
