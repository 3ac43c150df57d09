import { runInNewContext } from 'node:vm'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createKeccak256, keccak256, KeccakFinishedError, KeccakInputError } from '../index.ts'

const hex = (text: string): string => bytesToHex(keccak256(utf8ToBytes(text)))

describe('keccak256', () => {
  // SEG-02
  it('gives the known answers of the original padding, not those of SHA3-256', () => {
    expect(hex('')).toBe('c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470')
    expect(hex('abc')).toBe('4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45')
    expect(hex('hello')).toBe('1c8aff950685c2ed4bc3174f3472287b56d9517b9c948127319a09a7a36deac8')
    expect(hex('The quick brown fox jumps over the lazy dog')).toBe(
      '4d741b6f1eb29cb2a9b9911c82f56fa8d73b04959d3d9d222895df6c0b28aa15',
    )
  })

  it('equals @noble/hashes at every length from 0 to 500', () => {
    const data = Uint8Array.from({ length: 500 }, (_, i) => (i * 151 + 7) & 255)
    for (let length = 0; length <= 500; length++) {
      const input = data.subarray(0, length)
      expect(bytesToHex(keccak256(input)), `length ${length}`).toBe(bytesToHex(keccak_256(input)))
    }
  })

  it('returns an array of its own each time', () => {
    const first = keccak256(new Uint8Array(3))
    const copy = Uint8Array.from(first)
    keccak256(new Uint8Array(4))
    expect(first).toEqual(copy)
    expect(first.buffer.byteLength).toBe(32)
  })

  it('takes bytes of any realm', () => {
    const foreign = runInNewContext('Uint8Array.of(97, 98, 99)') as Uint8Array
    expect(keccak256(foreign)).toEqual(keccak256(utf8ToBytes('abc')))
    expect(createKeccak256().update(foreign).digest()).toEqual(keccak256(foreign))
  })

  it('refuses what is not bytes and says so', () => {
    expect(() => keccak256('hello' as never)).toThrow(KeccakInputError)
    expect(() => keccak256(null as never)).toThrow('"data" expected Uint8Array, got null')
    expect(() => createKeccak256().update([1] as never)).toThrow(KeccakInputError)
    expect(() => keccak256(new Uint8ClampedArray(1) as never)).toThrow(KeccakInputError)
    expect(() => keccak256({ [Symbol.toStringTag]: 'Uint8Array' } as never)).toThrow(KeccakInputError)
  })
})

describe('createKeccak256', () => {
  it('does not depend on how the input is split', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 12 }), (pieces) => {
        const hasher = createKeccak256()
        for (const piece of pieces) hasher.update(piece)
        const whole = Uint8Array.from(pieces.flatMap((piece) => [...piece]))
        expect(hasher.digest()).toEqual(Uint8Array.from(keccak_256(whole)))
      }),
    )
  })

  it('keeps any number of interleaved hashers apart', () => {
    const hashers = Array.from({ length: 50 }, () => createKeccak256())
    for (let round = 0; round < 20; round++) {
      hashers.forEach((hasher, i) => hasher.update(new Uint8Array((i * 7 + round * 13) % 300).fill(i)))
    }
    hashers.forEach((hasher, i) => {
      const oracle = keccak_256.create()
      for (let round = 0; round < 20; round++) {
        oracle.update(new Uint8Array((i * 7 + round * 13) % 300).fill(i))
      }
      expect(bytesToHex(hasher.digest()), `hasher ${i}`).toBe(bytesToHex(oracle.digest()))
    })
  })

  it('keeps hashers apart that begin where others have ended', () => {
    const lengths = fc.array(fc.nat(300), { minLength: 1, maxLength: 60, size: 'max' })
    fc.assert(
      fc.property(lengths, fc.array(fc.nat(4), { minLength: 60, maxLength: 60 }), (all, which) => {
        const open: { hasher: ReturnType<typeof createKeccak256>; fed: number[] }[] = []
        const end = (at: number): void => {
          for (const { hasher, fed } of open.splice(at, 1))
            expect(hasher.digest()).toEqual(keccak256(Uint8Array.from(fed)))
        }
        for (const [step, length] of all.entries()) {
          if (open.length < 3) open.push({ hasher: createKeccak256(), fed: [] })
          const one = open[which[step]! % open.length]!
          const data = Uint8Array.from({ length }, (_, i) => (i * 31 + step) & 255)
          one.hasher.update(data)
          one.fed.push(...data)
          if (which[step] === 4) end(step % open.length)
        }
        while (open.length > 0) end(0)
      }),
    )
  })

  it('clones at any point, and neither copy disturbs the other', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 600 }),
        fc.uint8Array({ maxLength: 300 }),
        fc.uint8Array({ maxLength: 300 }),
        (head, left, right) => {
          const original = createKeccak256().update(head)
          const copy = original.clone()
          original.update(left)
          copy.update(right)
          expect(original.digest()).toEqual(keccak256(Uint8Array.from([...head, ...left])))
          expect(copy.digest()).toEqual(keccak256(Uint8Array.from([...head, ...right])))
        },
      ),
    )
  })

  it('refuses every use after the digest', () => {
    const hasher = createKeccak256().update(new Uint8Array(1))
    hasher.digest()
    expect(() => hasher.update(new Uint8Array(1))).toThrow(KeccakFinishedError)
    expect(() => hasher.digest()).toThrow(KeccakFinishedError)
    expect(() => hasher.clone()).toThrow(KeccakFinishedError)
  })
})
