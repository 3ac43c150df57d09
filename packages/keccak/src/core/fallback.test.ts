import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { implementation, keccak256 } from '../index.ts'

const data = Uint8Array.from({ length: 1000 }, (_, i) => (i * 31) & 255)

describe('WebAssembly', () => {
  beforeEach(() => vi.resetModules())
  afterEach(() => vi.unstubAllGlobals())

  it('is used where it can be had', () => {
    expect(implementation()).toBe('wasm')
  })

  it.each([
    ['missing', undefined],
    [
      'forbidden by a Content-Security-Policy',
      {
        Module: class {
          constructor() {
            throw new Error("Refused to compile WebAssembly: 'wasm-unsafe-eval' is not allowed")
          }
        },
      },
    ],
  ])('falls back to TypeScript where it is %s, with the same hashes', async (_, stub) => {
    vi.stubGlobal('WebAssembly', stub)
    const fallen = await import('../index.ts')
    expect(fallen.implementation()).toBe('typescript')
    expect(fallen.keccak256(data)).toEqual(keccak256(data))
    const hasher = fallen.createKeccak256().update(data.subarray(0, 333))
    const copy = hasher.clone().update(data.subarray(333))
    expect(copy.digest()).toEqual(keccak256(data))
    expect(hasher.digest()).toEqual(keccak256(data.subarray(0, 333)))
    expect(() => hasher.digest()).toThrow(fallen.KeccakFinishedError)
  })
})
