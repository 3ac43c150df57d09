import { readFileSync } from 'node:fs'
import { keccak_256 } from '@noble/hashes/sha3.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { generatedSource } from '../../scripts/generate.ts'
import { kernelBytes } from './kernel.generated.ts'
import type { KeccakKernel } from './kernel.ts'
import { KernelKeccak256, hashOnKernel } from './kernel-keccak256.ts'
import { RATE } from './layout.ts'
import { typescriptKernel } from './typescript.ts'
import { wasmKernel } from './wasm.ts'

function loaded(): KeccakKernel {
  const kernel = wasmKernel()
  if (kernel === undefined) throw new Error('WebAssembly expected where the tests run')
  return kernel
}

const plain = (data: Uint8Array): Uint8Array => Uint8Array.from(keccak_256(data))

describe('the WebAssembly kernel', () => {
  it('is what the committed generator makes', () => {
    const committed = readFileSync(new URL('./kernel.generated.ts', import.meta.url), 'utf8')
    expect(committed === generatedSource(), 'run node packages/keccak/scripts/generate.ts').toBe(true)
  })

  it('fits one page of memory that it never outgrows', () => {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(kernelBytes()))
    const { memory } = instance.exports as { memory: WebAssembly.Memory }
    expect(memory.buffer.byteLength).toBe(65_536)
    expect(() => memory.grow(1)).toThrow(RangeError)
  })
})

describe.each([
  ['WebAssembly', loaded()],
  ['TypeScript', typescriptKernel()],
])('the kernel in %s', (_, kernel) => {
  it('equals @noble/hashes around every block boundary of a large input', () => {
    const data = Uint8Array.from({ length: 70_000 }, (__, i) => (i * 211 + (i >> 8)) & 255)
    for (const blocks of [1, 2, 3, 239, 240, 241, 480, 481]) {
      for (const extra of [-1, 0, 1]) {
        const input = data.subarray(5, 5 + blocks * RATE + extra)
        expect(hashOnKernel(kernel, input), `${blocks} blocks ${extra} bytes`).toEqual(plain(input))
      }
    }
  })

  it('equals @noble/hashes under any sequence of updates, clones and digests', () => {
    const step = fc.record({
      hasher: fc.nat({ max: 9 }),
      action: fc.constantFrom('update', 'update', 'update', 'clone', 'digest'),
      length: fc.nat({ max: 3 * RATE }),
      fill: fc.nat({ max: 255 }),
    })
    const fresh = () => ({ ours: new KernelKeccak256(kernel), theirs: keccak_256.create() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
        const pairs = [fresh()]
        for (const { hasher, action, length, fill } of steps) {
          const index = hasher % pairs.length
          const { ours, theirs } = pairs[index]!
          if (action === 'clone') pairs.push({ ours: ours.clone(), theirs: theirs.clone() })
          else if (action === 'update') {
            const data = new Uint8Array(length).fill(fill)
            ours.update(data)
            theirs.update(data)
          } else {
            expect(ours.digest()).toEqual(Uint8Array.from(theirs.digest()))
            pairs[index] = fresh()
          }
        }
        for (const { ours, theirs } of pairs) expect(ours.digest()).toEqual(Uint8Array.from(theirs.digest()))
      }),
    )
  })

  it('does not keep the bytes of an update, so that the caller may reuse the array', () => {
    const data = new Uint8Array(100).fill(1)
    const hasher = new KernelKeccak256(kernel).update(data)
    data.fill(2)
    expect(hasher.digest()).toEqual(plain(new Uint8Array(100).fill(1)))
  })
})
