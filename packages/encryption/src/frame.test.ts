import { Buffer } from 'node:buffer'
import { runInNewContext } from 'node:vm'
import { VirtualTimeScheduler } from 'rxjs'
import { describe, expect, it, vi } from 'vitest'
import {
  type Cipher,
  type CipherContext,
  CipherOptionError,
  DecryptionError,
  EncryptionError,
  aesGcm,
  fromHook,
  none,
  openFrame,
  sealFrame,
  xchacha,
} from './index.ts'

const context = { channelId: 'room', contentTopic: '/app/1/room/proto' }
const plain = Uint8Array.of(1, 2, 3)
const hook = (encrypt: () => unknown, decrypt: () => unknown = encrypt): Cipher =>
  fromHook({ encrypt, decrypt } as Parameters<typeof fromHook>[0])

describe('no cipher', () => {
  it('is the identity both ways', () => {
    // ENC-05
    const cipher = none()
    expect(cipher).toMatchObject({ id: 'none', overheadBytes: 0 })
    expect(sealFrame(cipher, plain, context)).toBe(plain)
    expect(openFrame(cipher, plain, context)).toBe(plain)
  })
})

describe('a frame without a context', () => {
  it.each([sealFrame, openFrame])('is refused, by %o', (run) => {
    expect(() => run(none(), Uint8Array.of(1), undefined as never)).toThrow(
      '"context" expected an object with "channelId" and "contentTopic", got undefined',
    )
    expect(() => run(new Uint8Array(32) as never, Uint8Array.of(1), {} as never)).toThrow(
      '"cipher" expected a cipher such as xchacha({ key })',
    )
  })
})

describe('a Buffer of Node.js', () => {
  /** In memory that it shares with others, not at its beginning. */
  const pooled = (bytes: Uint8Array): Buffer => {
    const pool = Buffer.alloc(bytes.length + 64, 0xee)
    pool.set(bytes, 36)
    return pool.subarray(36, 36 + bytes.length)
  }

  it.each([
    ['xchacha', 10, xchacha],
    ['xchacha', 50_000, xchacha],
    ['aesGcm', 10, aesGcm],
    ['aesGcm', 50_000, aesGcm],
  ] as const)('is a key, a nonce and a payload of %s with %i bytes', async (_, length, cipherOf) => {
    const key = new Uint8Array(32).fill(7)
    const nonce = (bytes: number): Uint8Array => Uint8Array.from({ length: bytes }, (__, i) => i)
    const message = new Uint8Array(length).fill(3)
    const plainly = await sealFrame(cipherOf({ key, randomBytes: nonce }), message, context)
    const cipher = cipherOf({ key: pooled(key), randomBytes: (bytes) => pooled(nonce(bytes)) })
    expect(Buffer.compare(await sealFrame(cipher, pooled(message), context), plainly)).toBe(0)
    const opened = await openFrame(cipher, pooled(plainly), context)
    expect(Buffer.compare(opened, message)).toBe(0)
    expect(opened.constructor).toBe(Uint8Array)
  })
})

describe('bytes of another realm', () => {
  const foreign = (bytes: Uint8Array): Uint8Array =>
    runInNewContext(`Uint8Array.of(${bytes.join()})`) as Uint8Array

  it.each([xchacha, aesGcm])('are a key, a nonce and a payload', async (cipherOf) => {
    const key = new Uint8Array(32).fill(7)
    const sealing = cipherOf({
      key: foreign(key),
      randomBytes: (length) => foreign(new Uint8Array(length).fill(1)),
    })
    const sealed = await sealFrame(sealing, foreign(plain), context)
    expect(Uint8Array.from(await openFrame(cipherOf({ key }), foreign(sealed), context))).toEqual(plain)
  })

  it('are what a cipher may answer', () => {
    const answer = foreign(plain)
    expect(
      sealFrame(
        hook(() => answer),
        Uint8Array.of(9),
        context,
      ),
    ).toBe(answer)
  })
})

describe('a hook', () => {
  it('is a pair of functions of bytes, synchronous or not', async () => {
    // ENC-01, ENC-15
    const turned = (bytes: Uint8Array): Uint8Array => bytes.toReversed()
    const cipher = fromHook({ encrypt: turned, decrypt: (bytes) => Promise.resolve(turned(bytes)) })
    const sealed = sealFrame(cipher, plain, context)
    expect(sealed).toEqual(Uint8Array.of(3, 2, 1))
    await expect(openFrame(cipher, sealed as Uint8Array, context)).resolves.toEqual(plain)
  })

  it('binds a frame to no channel; a cipher of one’s own is told where each frame belongs', () => {
    const elsewhere = { channelId: 'elsewhere', contentTopic: '/chat/1/elsewhere/proto' }
    const turned = (bytes: Uint8Array): Uint8Array => bytes.toReversed()
    const hooked = fromHook({ encrypt: turned, decrypt: turned })
    expect(openFrame(hooked, sealFrame(hooked, plain, context) as Uint8Array, elsewhere)).toEqual(plain)
    const told: CipherContext[] = []
    const tell = (bytes: Uint8Array, where: CipherContext): Uint8Array => {
      told.push(where)
      return bytes
    }
    const own: Cipher = { id: 'own', overheadBytes: 0, seal: tell, open: tell }
    expect(openFrame(own, sealFrame(own, plain, context) as Uint8Array, elsewhere)).toEqual(plain)
    expect(told).toMatchObject([context, elsewhere])
  })

  it('must have both functions', () => {
    // ENC-15
    expect(() => fromHook({ encrypt: (bytes) => bytes } as Parameters<typeof fromHook>[0])).toThrow(
      new CipherOptionError('"decrypt" expected a function, got undefined'),
    )
    expect(() => fromHook({ encrypt: (b) => b, decrypt: (b) => b }, { overheadBytes: -1 })).toThrow(
      CipherOptionError,
    )
    expect(() => fromHook(undefined as never)).toThrow(
      new CipherOptionError('"hook" expected an object with "encrypt" and "decrypt", got undefined'),
    )
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('no key')
      },
      'no key',
      'cipher-failed',
    ],
    ['rejects', () => Promise.reject(new Error('no key')), 'no key', 'cipher-failed'],
    ['rejects with a text', () => Promise.reject('no key'), 'no key', 'cipher-failed'],
    ['returns nothing', () => undefined, 'expected a Uint8Array from the cipher, got undefined', 'not-bytes'],
    ['returns a text', () => 'abc', 'expected a Uint8Array from the cipher, got a string', 'not-bytes'],
    [
      'returns null',
      () => Promise.resolve(null),
      'expected a Uint8Array from the cipher, got null',
      'not-bytes',
    ],
    ['returns an array', () => [1, 2], 'expected a Uint8Array from the cipher, got Array', 'not-bytes'],
  ])('that %s fails closed, with the reason', async (_, answer, detail, reason) => {
    // ENC-02
    const cipher = hook(answer)
    const sealing = (async () => sealFrame(cipher, plain, context))()
    await expect(sealing).rejects.toThrow(EncryptionError)
    await expect(sealing).rejects.toMatchObject({
      message: `encryption failed: ${detail}`,
      reason,
      code: 'ERR_ENCRYPTION',
    })
    const opening = (async () => openFrame(cipher, plain, context))()
    await expect(opening).rejects.toThrow(DecryptionError)
    await expect(opening).rejects.toMatchObject({
      message: `decryption failed: ${detail}`,
      reason,
      code: 'ERR_DECRYPTION',
    })
  })

  it('that returns the plaintext although it adds bytes lets nothing out', () => {
    expect(() =>
      sealFrame(
        hook(() => plain.slice()),
        plain,
        context,
      ),
    ).toThrow('the cipher returned the plaintext')
  })

  it('that returns the sealed bytes although it takes some off lets nothing up', async () => {
    const reason = 'not-opened'
    const opening = (async () =>
      openFrame(
        hook(() => Promise.resolve(plain.slice())),
        plain,
        context,
      ))()
    await expect(opening).rejects.toMatchObject({
      reason,
      message: 'decryption failed: the cipher returned what it was given',
    })
    expect(openFrame(none(), plain, context)).toBe(plain)
  })

  it('that throws over being asked for its answer fails closed', async () => {
    const trap = (): never => {
      throw new Error('trap')
    }
    const failing = (): object => new Proxy({}, { has: trap })
    const lazy = (): object => new Proxy({}, { has: () => true, get: () => trap })
    for (const answer of [failing, lazy]) {
      const sealing = (async () => sealFrame(hook(answer), plain, context))()
      await expect(sealing).rejects.toThrow(new EncryptionError('trap', { reason: 'cipher-failed' }))
    }
  })

  it('may be given more time than a timer of the platform takes', async () => {
    const delays: number[] = []
    class Recording extends VirtualTimeScheduler {
      override schedule: VirtualTimeScheduler['schedule'] = (work, delay, state) => {
        delays.push(delay ?? 0)
        return super.schedule(work, delay, state)
      }
    }
    const cipher = hook(() => Promise.resolve(Uint8Array.of(9)))
    await sealFrame(cipher, plain, context, { timeoutMs: 2 ** 40, scheduler: new Recording() })
    expect(delays).toEqual([2 ** 31 - 1])
  })

  it('that never answers fails after the timeout, and is told to stop', async () => {
    const clock = new VirtualTimeScheduler()
    let told: unknown
    const cipher: Cipher = {
      ...none(),
      seal: (_, { signal }) => {
        signal!.addEventListener('abort', () => (told = signal!.reason))
        return new Promise(() => {})
      },
    }
    const sealing = sealFrame(cipher, plain, context, { timeoutMs: 500, scheduler: clock })
    clock.flush()
    expect(clock.now()).toBe(500)
    await expect(sealing).rejects.toMatchObject({
      message: 'encryption failed: no answer within 500 ms',
      reason: 'timeout',
    })
    expect(told).toBeInstanceOf(EncryptionError)
  })

  it('that answers in time leaves no timer behind', async () => {
    const clock = new VirtualTimeScheduler()
    await sealFrame(
      hook(() => Promise.resolve(Uint8Array.of(9))),
      plain,
      context,
      { scheduler: clock },
    )
    expect(clock.actions.filter(({ closed }) => !closed)).toHaveLength(0)
  })

  it('is aborted by the signal of its context, before or while it works', async () => {
    const controller = new AbortController()
    const sealing = sealFrame(
      hook(() => new Promise(() => {})),
      plain,
      { ...context, signal: controller.signal },
      { timeoutMs: Infinity },
    )
    controller.abort()
    await expect(sealing).rejects.toMatchObject({ reason: 'aborted' })
    expect(() => sealFrame(none(), plain, { ...context, signal: controller.signal })).toThrow(
      'encryption failed: aborted',
    )
  })
})

describe('a synchronous cipher', () => {
  it('seals and opens synchronously', () => {
    const cipher = xchacha({ key: new Uint8Array(32) })
    const sealed = sealFrame(cipher, plain, context)
    expect(sealed).toBeInstanceOf(Uint8Array)
    expect(openFrame(cipher, sealed as Uint8Array, context)).toEqual(plain)
  })
})

describe('aesGcm', () => {
  it('says so when it is made where there is no WebCrypto', () => {
    vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) })
    try {
      expect(() => aesGcm({ key: new Uint8Array(32) })).toThrow(
        new CipherOptionError('aesGcm needs WebCrypto: serve the page over https, or use xchacha'),
      )
      expect(sealFrame(xchacha({ key: new Uint8Array(32) }), plain, context)).toBeInstanceOf(Uint8Array)
    } finally {
      vi.unstubAllGlobals()
    }
  })
})

describe('a source of nonces', () => {
  it.each([
    ['too few bytes', () => new Uint8Array(4), 'got 4 bytes'],
    ['too many', () => new Uint8Array(40), 'got 40 bytes'],
    ['none', () => undefined as never, 'got undefined'],
  ])('that gives %s seals nothing', async (_, randomBytes, got) => {
    for (const make of [xchacha, aesGcm]) {
      const cipher = make({ key: new Uint8Array(32), randomBytes })
      const sealing = (async () => sealFrame(cipher, plain, context))()
      await expect(sealing).rejects.toThrow(got)
    }
  })
})

describe('the options of a cipher', () => {
  it.each([
    [undefined, '"options" expected an object with "key" or "keyRing", got undefined'],
    [{ keyRing: new Map() }, '"keyRing.find" expected a function, got undefined'],
    [{ key: new Uint8Array(32), randomBytes: 24 }, '"randomBytes" expected a function, got 24'],
  ])('are refused when they are none: %j', (options, message) => {
    for (const make of [xchacha, aesGcm]) {
      expect(() => make(options as never)).toThrow(new CipherOptionError(message))
    }
  })

  it('are refused when they name no backend', () => {
    const options = { key: new Uint8Array(32), backend: 'native' }
    expect(() => xchacha(options as never)).toThrow(`"backend" expected 'auto' or 'portable', got "native"`)
  })
})

describe('a key', () => {
  it.each([
    [new Uint8Array(31), 'length=31'],
    ['secret', 'string'],
    [undefined, 'undefined'],
  ])('that is none is refused when the cipher is made', (key, got) => {
    expect(() => xchacha({ key } as Parameters<typeof xchacha>[0])).toThrow(
      `"key" expected Uint8Array of length 32, got ${got}`,
    )
  })
})
