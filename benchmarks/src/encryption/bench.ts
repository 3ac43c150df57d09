import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { type Cipher, aesGcm, xchacha } from '@reliable-channels/encryption'
import sodium from 'libsodium-wrappers'
import { type Bench, type Row, judge } from '../document.ts'

const key = new Uint8Array(randomBytes(32))
const aad = new Uint8Array(randomBytes(48))
const context = { channelId: 'channel of the bench', contentTopic: '/bench/1/encryption/proto' }
const SIZES: readonly [string, number][] = [
  ['100 KiB', 102_400],
  ['1 KiB', 1024],
]

type Work = () => unknown

/** CPU time of the whole process so far, ms: WebCrypto works on other threads. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** MB for each second of CPU time, of all pieces of work in turn, so that a busy moment hits them alike; the best of 9. */
async function rates(bytes: number, works: readonly Work[]): Promise<number[]> {
  const best = works.map(() => 0)
  const times = works.map(() => 1)
  for (let round = 0; round < 12; round++) {
    for (const [i, work] of works.entries()) {
      globalThis.gc?.()
      const began = cpuMs()
      for (let n = 0; n < times[i]!; n++) {
        const result = work()
        if (result instanceof Promise) await result
      }
      const ms = cpuMs() - began
      if (round > 2) best[i] = Math.max(best[i]!, (bytes * times[i]!) / 1e3 / ms)
      // The first rounds warm up and find how often fits into 60 ms.
      else times[i] = Math.max(1, Math.ceil((times[i]! * 60) / Math.max(ms, 0.01)))
    }
  }
  return best
}

interface Pair {
  readonly name: string
  readonly seal: Work
  readonly open: Work
}

function ofCipher(name: string, cipher: Cipher, plain: Uint8Array, sealed: Uint8Array): Pair {
  return { name, seal: () => cipher.seal(plain, context), open: () => cipher.open(sealed, context) }
}

function noble(plain: Uint8Array): Pair {
  const nonce = (): Uint8Array => crypto.getRandomValues(new Uint8Array(24))
  const fixed = nonce()
  const sealed = xchacha20poly1305(key, fixed, aad).encrypt(plain)
  return {
    name: 'noble',
    seal: () => xchacha20poly1305(key, nonce(), aad).encrypt(plain),
    open: () => xchacha20poly1305(key, fixed, aad).decrypt(sealed),
  }
}

function libsodium(plain: Uint8Array): Pair {
  const nonce = (): Uint8Array => crypto.getRandomValues(new Uint8Array(24))
  const fixed = nonce()
  const seal = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt
  const sealed = seal(plain, aad, null, fixed, key)
  return {
    name: 'libsodium.js',
    seal: () => seal(plain, aad, null, nonce(), key),
    open: () => sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, sealed, aad, fixed, key),
  }
}

async function webCrypto(plain: Uint8Array<ArrayBuffer>): Promise<Pair> {
  const imported = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt'])
  const nonce = (): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(12))
  const parameters = (iv: Uint8Array<ArrayBuffer>): AesGcmParams => ({
    name: 'AES-GCM',
    iv,
    additionalData: aad,
  })
  const fixed = nonce()
  const sealed = await crypto.subtle.encrypt(parameters(fixed), imported, plain)
  return {
    name: 'WebCrypto AES-GCM',
    seal: () => crypto.subtle.encrypt(parameters(nonce()), imported, plain),
    open: () => crypto.subtle.decrypt(parameters(fixed), imported, sealed),
  }
}

/** OpenSSL alone, with no header, no nonce and no copy: what the machine allows. */
function openSsl(plain: Uint8Array): Pair {
  const nonce = new Uint8Array(12)
  const options = { authTagLength: 16 }
  const seal = (): { body: Uint8Array; tag: Uint8Array } => {
    const cipher = createCipheriv('chacha20-poly1305', key, nonce, options)
    cipher.setAAD(aad, { plaintextLength: plain.length })
    const body = cipher.update(plain)
    cipher.final()
    return { body, tag: cipher.getAuthTag() }
  }
  const { body, tag } = seal()
  return {
    name: 'OpenSSL',
    seal,
    open() {
      const decipher = createDecipheriv('chacha20-poly1305', key, nonce, options)
      decipher.setAAD(aad, { plaintextLength: plain.length })
      decipher.setAuthTag(tag)
      const opened = decipher.update(body)
      decipher.final()
      return opened
    },
  }
}

async function* run(): AsyncGenerator<Row> {
  await sodium.ready
  for (const [size, length] of SIZES) {
    const plain = new Uint8Array(randomBytes(length))
    const fast = xchacha({ key })
    const portable = xchacha({ key, backend: 'portable' })
    const gcm = aesGcm({ key })
    const sealed = await fast.seal(plain, context)
    const pairs = [
      ofCipher('xchacha', fast, plain, sealed),
      ofCipher('xchacha, portable', portable, plain, sealed),
      ofCipher('aesGcm', gcm, plain, await gcm.seal(plain, context)),
      noble(plain),
      libsodium(plain),
      await webCrypto(plain),
      openSsl(plain),
    ]
    for (const direction of ['seal', 'open'] as const) {
      const [ours, portably, aes, ofNoble, ofSodium, ofWeb, bound] = (await rates(
        length,
        pairs.map((pair) => pair[direction]),
      )) as [number, number, number, number, number, number, number]
      const row = (name: string, mine: number, theirs: number, atLeast?: number): Row =>
        judge({
          case: `${direction} ${size}: ${name}`,
          unit: 'MB/CPU s',
          ours: mine,
          theirs,
          better: 'larger',
          ...(atLeast !== undefined && { atLeast, bound: bound / theirs }),
        })
      yield row('xchacha beside noble', ours, ofNoble, length > 50_000 ? 8 : undefined)
      yield row('xchacha beside libsodium.js', ours, ofSodium)
      yield row('xchacha beside WebCrypto AES-GCM', ours, ofWeb)
      yield row('xchacha portable beside noble', portably, ofNoble)
      yield row('aesGcm beside WebCrypto AES-GCM', aes, ofWeb)
    }
  }
}

/** Seal and open, with header, nonce and associated data, beside the bare ciphers of others. */
export const bench: Bench = { about: 'seal and open beside noble, libsodium.js and WebCrypto', run }
