import { ed25519 } from '@noble/curves/ed25519.js'
import { hexOf } from '@reliable-channels/wire'
import { describe, expect, it } from 'vitest'
import {
  type Cipher,
  type CipherContext,
  CipherKeyError,
  CipherOptionError,
  DecryptionError,
  aesGcm,
  none,
  openFrame,
  sealFrame,
  xchacha,
} from '../index.ts'
import { type SigningKey, createMemberRing, publicKeyIdOf, publicKeyOf, signed } from '../signing.ts'

const key = new Uint8Array(32).fill(1)
const context = { channelId: 'room', contentTopic: '/app/1/room/proto', kind: 'sync' } as const
const plain = new TextEncoder().encode('bytes that stay what they are')
const [alice, bob, mallory] = [1, 2, 3].map((seed) => {
  const secretKey = new Uint8Array(32).fill(seed)
  return { secretKey, publicKey: publicKeyOf(secretKey) }
}) as [SigningKey, SigningKey, SigningKey]
const members = () => createMemberRing({ alice: alice.publicKey, bob: bob.publicKey })

/** Who has signed what was opened, or why it was not. */
async function signerOf(cipher: Cipher, sealed: Uint8Array, at: CipherContext = context): Promise<string> {
  let signer = 'nobody'
  try {
    const opened = await openFrame(cipher, sealed, { ...at, onSigner: (senderId) => (signer = senderId) })
    expect(opened).toEqual(plain)
    return signer
  } catch (error) {
    if (!(error instanceof DecryptionError)) throw error
    expect(signer).toBe('nobody')
    return error.reason
  }
}

describe.each<[string, () => Cipher]>([
  ['xchacha', () => xchacha({ key })],
  ['aesGcm', () => aesGcm({ key })],
  ['none', none],
])('a frame that is signed, in %s', (_, inner) => {
  const ofAlice = signed(inner(), { secretKey: alice.secretKey, members: members() })
  const ofBob = signed(inner(), { secretKey: bob.secretKey, members: members() })

  it('is opened by all, who know then whose it is', async () => {
    const sealed = await sealFrame(ofAlice, plain, context)
    expect(sealed).toHaveLength(plain.length + ofAlice.overheadBytes)
    expect(await signerOf(ofBob, sealed)).toBe('alice')
    expect(await signerOf(ofAlice, sealed)).toBe('alice')
    expect(await signerOf(ofBob, sealed, { ...context, kind: undefined })).toBe('alice')
  })

  it('is refused with any single bit flipped, cut short or made longer', async () => {
    const sealed = await sealFrame(ofAlice, plain, context)
    const reasons = new Set<string>()
    for (let bit = 0; bit < sealed.length * 8; bit += 3) {
      const flipped = sealed.slice()
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      reasons.add(await signerOf(ofBob, flipped))
    }
    reasons.add(await signerOf(ofBob, sealed.subarray(0, -1)))
    reasons.add(await signerOf(ofBob, Uint8Array.of(...sealed, 0)))
    const refusals = ['malformed', 'unknown-key', 'not-authentic', 'wrong-kind', 'unknown-signer']
    expect([...reasons].filter((reason) => !refusals.includes(reason))).toEqual([])
  })

  it('is of its channel, topic, kind and author alone', async () => {
    const at = { ...context, senderId: 'alice' }
    const sealed = await sealFrame(ofAlice, plain, at)
    expect(await signerOf(ofBob, sealed, at)).toBe('alice')
    for (const other of [
      { ...at, channelId: 'other' },
      { ...at, contentTopic: '/app/1/other/proto' },
      { ...at, kind: 'content' as const },
      { ...at, senderId: 'bob' },
      context,
    ]) {
      expect(['not-authentic', 'wrong-kind']).toContain(await signerOf(ofBob, sealed, other))
    }
  })

  it('is refused where nothing is signed, whoever has the key', async () => {
    expect(await signerOf(ofBob, await sealFrame(inner(), plain, context))).toBe('malformed')
  })

  it('is refused where the name is that of another', async () => {
    const asAlice = await sealFrame(ofBob, plain, { ...context, senderId: 'alice' })
    expect(await signerOf(ofAlice, asAlice, { ...context, senderId: 'alice' })).toBe('wrong-sender')
  })

  it('is refused where its signer is no member, or no longer', async () => {
    const own = createMemberRing({ mallory: mallory.publicKey })
    const ofMallory = signed(inner(), { secretKey: mallory.secretKey, members: own })
    expect(await signerOf(ofBob, await sealFrame(ofMallory, plain, context))).toBe('unknown-signer')
    const ring = members()
    const cipher = signed(inner(), { secretKey: bob.secretKey, members: ring })
    const sealed = await sealFrame(ofAlice, plain, context)
    expect(await signerOf(cipher, sealed)).toBe('alice')
    expect(ring.revoke(publicKeyIdOf(alice.publicKey))).toBe(true)
    expect(await signerOf(cipher, sealed)).toBe('revoked-signer')
  })
})

it('whoever puts the id of another before his own signature is found out', async () => {
  const ofMallory = signed(none(), {
    secretKey: mallory.secretKey,
    members: createMemberRing({ mallory: mallory.publicKey }),
  })
  const ofBob = signed(none(), { secretKey: bob.secretKey, members: members() })
  const sealed = (await sealFrame(ofMallory, plain, context)).slice()
  sealed.set(Buffer.from(publicKeyIdOf(alice.publicKey), 'hex'), 2)
  expect(await signerOf(ofBob, sealed)).toBe('not-authentic')
})

it('signatures that only some verifiers take are refused: members would disagree on what was said', async () => {
  // A key of small order, for which one signature fits any message by the rules of ZIP 215.
  const small = new Uint8Array(32)
  small[0] = 1
  const ring = createMemberRing({ bob: bob.publicKey, eve: small })
  const ofBob = signed(none(), { secretKey: bob.secretKey, members: ring })
  const sealed = new Uint8Array(10 + 64 + plain.length)
  sealed[0] = 1
  sealed[1] = 1
  sealed.set(Buffer.from(publicKeyIdOf(small), 'hex'), 2)
  sealed[10] = 1
  sealed.set(plain, 74)
  expect(ed25519.verify(sealed.subarray(10, 74), plain, small)).toBe(true)
  expect(await signerOf(ofBob, sealed)).toBe('not-authentic')
})

it('the bytes are always the same', async () => {
  const ofAlice = signed(none(), { secretKey: alice.secretKey, members: members() })
  const sealed = await sealFrame(ofAlice, plain, context)
  expect(hexOf(sealed.subarray(0, 10))).toBe(`0101${publicKeyIdOf(alice.publicKey)}`)
  expect(publicKeyIdOf(alice.publicKey)).toMatchInlineSnapshot(`"f027f348492ac414"`)
  expect(hexOf(sealed.subarray(10, 74))).toMatchInlineSnapshot(
    `"8f4bc339e91798f64050e2021e994505e31140dac11d1c2bc4809dff9d63b0eda74268602eb28b30b8331fc8017aa45805ef5a1b5eb9f7be0eee4ce9d3654a0c"`,
  )
})

describe('a ring of members', () => {
  it('has several keys for one, and none for two', () => {
    const ring = createMemberRing({ alice: [alice.publicKey, bob.publicKey] })
    expect(ring.keys.map(({ senderId }) => senderId)).toEqual(['alice', 'alice'])
    expect(ring.add('alice', alice.publicKey)).toBe(publicKeyIdOf(alice.publicKey))
    expect(() => ring.add('mallory', alice.publicKey)).toThrow('is that of alice already')
  })

  it('takes no key back that was revoked', () => {
    const ring = members()
    ring.revoke(publicKeyIdOf(bob.publicKey))
    expect(() => ring.add('bob', bob.publicKey)).toThrow('was revoked: make another one')
    expect(ring.revoke('0000000000000000')).toBe(false)
  })
})

describe('mistakes', () => {
  it('are told without a byte of a key', () => {
    const secret = new Uint8Array(31).fill(9)
    expect(() => signed(none(), { secretKey: secret, members: members() })).toThrow(CipherKeyError)
    expect(() => signed(none(), { secretKey: secret, members: members() })).toThrow('length=31')
    expect(() => createMemberRing({ alice: 'key' as never })).toThrow(CipherKeyError)
  })

  it('are a ring that lacks the own key, which nobody could verify', () => {
    expect(() => signed(none(), { secretKey: mallory.secretKey, members: members() })).toThrow(
      CipherOptionError,
    )
    expect(() => signed(none(), { secretKey: mallory.secretKey, members: {} as never })).toThrow(
      'members.find',
    )
  })
})
