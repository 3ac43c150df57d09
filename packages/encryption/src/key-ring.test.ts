import { VirtualTimeScheduler } from 'rxjs'
import { describe, expect, it } from 'vitest'
import {
  type Cipher,
  CipherKeyError,
  CipherOptionError,
  type KeyRing,
  aesGcm,
  createKeyRing,
  keyIdOf,
  openFrame,
  sealFrame,
  xchacha,
} from './index.ts'

const context = { channelId: 'room', contentTopic: '/app/1/room/proto' }
const keyOf = (seed: number): Uint8Array => new Uint8Array(32).fill(seed)
const plain = Uint8Array.of(1, 2, 3)

const sealedBy = (seed: number): Uint8Array =>
  sealFrame(xchacha({ key: keyOf(seed) }), plain, context) as Uint8Array

/** `opened`, or why not. */
async function outcome(cipher: Cipher, sealed: Uint8Array): Promise<string> {
  try {
    await openFrame(cipher, sealed, context)
    return 'opened'
  } catch (error) {
    return (error as { reason: string }).reason
  }
}

describe('a key ring', () => {
  it.each<[string, (keyRing: KeyRing) => Cipher]>([
    ['xchacha', (keyRing) => xchacha({ keyRing })],
    ['aesGcm', (keyRing) => aesGcm({ keyRing })],
  ])('rotates without losing what is in flight (%s)', async (_, make) => {
    const [alices, bobs] = [createKeyRing({ keys: [keyOf(1)] }), createKeyRing({ keys: [keyOf(1)] })]
    const [alice, bob] = [make(alices), make(bobs)]
    const inFlight = await sealFrame(alice, plain, context)
    bobs.accept(keyOf(2))
    alices.rotate(keyOf(2))
    const newer = await sealFrame(alice, plain, context)
    expect(await outcome(bob, newer)).toBe('opened')
    bobs.rotate(keyOf(2))
    expect(await outcome(bob, inFlight)).toBe('opened')
    expect(await outcome(alice, await sealFrame(bob, plain, context))).toBe('opened')
    expect(bobs.keyIds).toEqual([keyIdOf(keyOf(2)), keyIdOf(keyOf(1))])
  })

  it('drops a replaced key after so many further rotations', async () => {
    const keyRing = createKeyRing({ keys: [keyOf(1)], keepRotations: 2 })
    const cipher = xchacha({ keyRing })
    const old = sealedBy(1)
    keyRing.rotate(keyOf(2))
    keyRing.rotate(keyOf(3))
    expect(await outcome(cipher, old)).toBe('opened')
    // To rotate to the current key again is no rotation.
    keyRing.rotate(keyOf(3))
    expect(await outcome(cipher, old)).toBe('opened')
    keyRing.rotate(keyOf(4))
    expect(await outcome(cipher, old)).toBe('retired-key')
    expect(keyRing.keyIds).toHaveLength(3)
  })

  it('drops a replaced key at once when none is to be kept, but not one announced', async () => {
    const keyRing = createKeyRing({ keys: [keyOf(1)], keepRotations: 0 })
    const cipher = xchacha({ keyRing })
    keyRing.accept(keyOf(2))
    expect(await outcome(cipher, sealedBy(2))).toBe('opened')
    keyRing.rotate(keyOf(2))
    expect(await outcome(cipher, sealedBy(1))).toBe('retired-key')
    expect(await outcome(cipher, sealedBy(2))).toBe('opened')
  })

  it('drops a replaced key after a time, never the current one', async () => {
    const scheduler = new VirtualTimeScheduler()
    const keyRing = createKeyRing({ keys: [keyOf(1)], keepMs: 1000, scheduler })
    const cipher = xchacha({ keyRing })
    scheduler.frame = 5000
    expect(await outcome(cipher, sealedBy(1))).toBe('opened')
    keyRing.rotate(keyOf(2))
    scheduler.frame = 6000
    expect(await outcome(cipher, sealedBy(1))).toBe('opened')
    scheduler.frame = 6001
    expect(await outcome(cipher, sealedBy(1))).toBe('retired-key')
    expect(keyRing.keyIds).toEqual([keyIdOf(keyOf(2))])
  })

  it('keeps keys that were announced until they were used and replaced, however many rotations and time pass', async () => {
    const scheduler = new VirtualTimeScheduler()
    const keyRing = createKeyRing({ keys: [keyOf(1)], keepRotations: 1, keepMs: 1000, scheduler })
    const cipher = xchacha({ keyRing })
    for (const seed of [2, 3, 4, 5, 6]) keyRing.accept(keyOf(seed))
    scheduler.frame = 5000
    expect(await outcome(cipher, sealedBy(6))).toBe('opened')
    for (const seed of [2, 3, 4]) keyRing.rotate(keyOf(seed))
    scheduler.frame = 10_000
    expect(await outcome(cipher, sealedBy(6))).toBe('opened')
    expect(await outcome(cipher, sealedBy(5))).toBe('opened')
    expect(await outcome(cipher, sealedBy(3))).toBe('retired-key')
    // Who skips a key that was announced before has replaced it.
    keyRing.rotate(keyOf(6))
    expect(await outcome(cipher, sealedBy(5))).toBe('opened')
    scheduler.frame = 11_001
    expect(await outcome(cipher, sealedBy(5))).toBe('retired-key')
    expect(keyRing.keyIds).toEqual([keyIdOf(keyOf(6))])
  })

  it.each([-3_600_000, 0, 500])(
    'keeps a key for its time and no longer where the clock was set by %i ms meanwhile',
    async (setMs) => {
      // X1: what it sealed has an age.
      const scheduler = new VirtualTimeScheduler()
      scheduler.frame = 10_000_000
      const keyRing = createKeyRing({ keys: [keyOf(1)], keepMs: 1000, scheduler })
      const cipher = xchacha({ keyRing })
      keyRing.rotate(keyOf(2))
      scheduler.frame += setMs
      expect(await outcome(cipher, sealedBy(1))).toBe('opened')
      scheduler.frame += 1000 - Math.max(0, setMs)
      expect(await outcome(cipher, sealedBy(1))).toBe('opened')
      scheduler.frame += 1
      expect(await outcome(cipher, sealedBy(1))).toBe('retired-key')
      scheduler.frame -= 100_000
      expect(await outcome(cipher, sealedBy(1))).toBe('retired-key')
      expect(await outcome(cipher, sealedBy(2))).toBe('opened')
    },
  )

  it('takes the keys behind the first for replaced, and one that comes back for new', async () => {
    const scheduler = new VirtualTimeScheduler()
    const keyRing = createKeyRing({ keys: [keyOf(3), keyOf(2), keyOf(1)], keepMs: 1000, scheduler })
    const cipher = xchacha({ keyRing })
    keyRing.accept(keyOf(2))
    scheduler.frame = 1001
    expect(await outcome(cipher, sealedBy(1))).toBe('retired-key')
    expect(await outcome(cipher, sealedBy(2))).toBe('opened')
    expect(keyRing.keyIds).toEqual([3, 2].map((seed) => keyIdOf(keyOf(seed))))
  })

  it('drops a key when told to, overwrites it, and takes it again when told to', async () => {
    const keyRing = createKeyRing({ keys: [keyOf(1), keyOf(2)] })
    const cipher = xchacha({ keyRing })
    const { key, keyId } = await keyRing.find(keyIdOf(keyOf(2)), context)
    expect(key).toEqual(keyOf(2))
    keyRing.drop(keyId)
    expect(key).toEqual(new Uint8Array(32))
    expect(await outcome(cipher, sealedBy(2))).toBe('retired-key')
    keyRing.accept(keyOf(2))
    expect(await outcome(cipher, sealedBy(2))).toBe('opened')
    keyRing.drop(keyRing.current.keyId)
    expect(await outcome(cipher, sealedBy(1))).toBe('opened')
  })

  it('holds copies: what the caller does to his bytes changes nothing', async () => {
    const mine = keyOf(1)
    const cipher = xchacha({ keyRing: createKeyRing({ keys: [mine] }) })
    mine.fill(0)
    expect(await outcome(cipher, sealedBy(1))).toBe('opened')
  })

  it('keeps no more than 64 keys', () => {
    const keyRing = createKeyRing({ keys: [keyOf(255)], keepRotations: Infinity })
    for (let i = 0; i < 200; i++) keyRing.accept(keyOf(i))
    expect(keyRing.keyIds.length).toBeLessThanOrEqual(64)
    expect(keyRing.keyIds.slice(0, 2)).toEqual([keyIdOf(keyOf(255)), keyIdOf(keyOf(199))])
    const keys = Array.from({ length: 65 }, (_, i) => keyOf(i))
    expect(() => createKeyRing({ keys })).toThrow('"keys" expected at most 64 keys, got 65')
    expect(createKeyRing({ keys: keys.slice(1) }).keyIds).toHaveLength(64)
  })

  it.each([
    [{ keys: [] }, CipherOptionError, '"keys" expected at least one key, got none'],
    [{ keys: [new Uint8Array(16)] }, CipherKeyError, '"key" expected Uint8Array of length 32, got length=16'],
    [
      { keys: [keyOf(1)], keepRotations: -1 },
      CipherOptionError,
      '"keepRotations" expected a number from 0, got -1',
    ],
    [
      { keys: [keyOf(1)], unknownMs: NaN },
      CipherOptionError,
      '"unknownMs" expected a number from 0, got NaN',
    ],
    [{ keys: [keyOf(1)], keepMs: NaN }, CipherOptionError, '"keepMs" expected a number from 0, got NaN'],
    [{ keys: keyOf(1) }, CipherOptionError, '"keys" expected an array of keys, got Uint8Array'],
    [undefined, CipherOptionError, '"options" expected an object with "keys", got undefined'],
  ])('refuses bad options: %j', (options, ErrorClass, message) => {
    expect(() => createKeyRing(options as never)).toThrow(ErrorClass)
    expect(() => createKeyRing(options as never)).toThrow(message)
  })
})

describe('a key that the ring does not have', () => {
  it('is fetched once, however many frames name it, and kept', async () => {
    const asked: string[] = []
    const keyRing = createKeyRing({
      keys: [keyOf(1)],
      onUnknownKey: async (keyId) => {
        asked.push(keyId)
        return keyOf(2)
      },
    })
    const cipher = xchacha({ keyRing })
    const opened = await Promise.all([1, 2, 3].map(() => outcome(cipher, sealedBy(2))))
    expect(opened).toEqual(['opened', 'opened', 'opened'])
    expect(openFrame(cipher, sealedBy(2), context)).toEqual(plain)
    expect(asked).toEqual([keyIdOf(keyOf(2))])
  })

  it('is not asked for again for a while when nobody knew it', async () => {
    const scheduler = new VirtualTimeScheduler()
    let asked = 0
    const keyRing = createKeyRing({
      keys: [keyOf(1)],
      unknownMs: 1000,
      scheduler,
      onUnknownKey: () => {
        asked++
        return undefined
      },
    })
    const cipher = xchacha({ keyRing })
    for (let i = 0; i < 3; i++) expect(await outcome(cipher, sealedBy(2))).toBe('unknown-key')
    expect(asked).toBe(1)
    scheduler.frame = 1000
    expect(await outcome(cipher, sealedBy(2))).toBe('unknown-key')
    expect(asked).toBe(2)
  })

  it('stays unknown when what came is another key, no key, or an error', async () => {
    const answers: (() => Uint8Array)[] = [
      () => keyOf(3),
      () => new Uint8Array(5),
      () => {
        throw new Error('key server down')
      },
    ]
    const keyRing = createKeyRing({ keys: [keyOf(1)], onUnknownKey: () => answers.shift()!() })
    const cipher = xchacha({ keyRing })
    expect(await outcome(cipher, sealedBy(2))).toBe('unknown-key')
    expect(await outcome(cipher, sealedBy(2))).toBe('cipher-failed')
    await expect(openFrame(cipher, sealedBy(2), context)).rejects.toThrow(
      'decryption failed: key server down',
    )
    expect(keyRing.keyIds).toHaveLength(1)
  })

  it('cannot make a flood of questions', async () => {
    let asked = 0
    const keyRing = createKeyRing({
      keys: [keyOf(1)],
      onUnknownKey: () => {
        asked++
        return new Promise(() => {})
      },
    })
    const cipher = xchacha({ keyRing })
    const frame = sealedBy(1)
    let refused = 0
    for (let i = 0; i < 500; i++) {
      frame.set([i >> 8, i], 1)
      try {
        void openFrame(cipher, frame, context, { timeoutMs: Infinity })
      } catch {
        refused++
      }
    }
    expect([asked, refused]).toEqual([16, 484])
  })

  it('is asked for no more when 256 questions brought no key, until a while later', async () => {
    const scheduler = new VirtualTimeScheduler()
    scheduler.frame = 1_000_000
    let asked = 0
    const keyRing = createKeyRing({
      keys: [keyOf(1)],
      unknownMs: 1000,
      scheduler,
      onUnknownKey: async () => {
        if (++asked % 2 === 0) throw new Error('key server down')
        return undefined
      },
    })
    const cipher = xchacha({ keyRing })
    const frame = sealedBy(1)
    const ask = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        frame.set([asked >> 8, asked], 1)
        await outcome(cipher, frame)
      }
    }
    await ask(400)
    expect(asked).toBe(256)
    scheduler.frame += 1000
    await ask(1)
    expect(asked).toBe(257)
    // A clock that was set back does not stop questions for longer.
    scheduler.frame = 0
    await ask(1)
    expect(asked).toBe(258)
  })

  it('lets others be asked for when a question is never answered and nobody waits any more', async () => {
    const scheduler = new VirtualTimeScheduler()
    let answers = false
    const keyRing = createKeyRing({
      keys: [keyOf(1)],
      onUnknownKey: () => (answers ? keyOf(2) : new Promise<never>(() => {})),
    })
    const cipher = xchacha({ keyRing })
    const frame = sealedBy(1)
    const outcomes: unknown[] = []
    for (let i = 0; i < 16; i++) {
      frame[1] = i
      const opening = openFrame(cipher, frame.slice(), context, { timeoutMs: 100, scheduler })
      void (opening as Promise<never>).catch(({ reason }: { reason: string }) => outcomes.push(reason))
    }
    expect(await outcome(cipher, sealedBy(2))).toBe('unknown-key')
    scheduler.flush()
    answers = true
    expect(await outcome(cipher, sealedBy(2))).toBe('opened')
    expect(outcomes).toEqual(Array.from({ length: 16 }, () => 'timeout'))
  })
})
