import { readFileSync } from 'node:fs'
import { keccak_256 } from '@noble/hashes/sha3.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { generatedSource } from '../../scripts/generate.ts'
import type { Keccak256 } from './hasher.ts'
import { kernelBytes } from './kernel.generated.ts'
import { type KeccakKernel, loadKernel } from './kernel.ts'
import { RATE } from './layout.ts'
import { TypeScriptKeccak256 } from './typescript.ts'
import { WasmKeccak256, wasmKeccak256 } from './wasm.ts'

function loaded(): KeccakKernel {
  const kernel = loadKernel()
  if (kernel === undefined) throw new Error('WebAssembly expected where the tests run')
  return kernel
}

const plain = (data: Uint8Array): Uint8Array => Uint8Array.from(keccak_256(data))

describe('the WebAssembly kernel', () => {
  const kernel = loaded()

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

  it('equals @noble/hashes around every block boundary of a large input', () => {
    const data = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 211 + (i >> 8)) & 255)
    for (const blocks of [1, 2, 3, 239, 240, 241, 480, 481]) {
      for (const extra of [-1, 0, 1]) {
        const input = data.subarray(5, 5 + blocks * RATE + extra)
        expect(wasmKeccak256(kernel, input), `${blocks} blocks ${extra} bytes`).toEqual(plain(input))
      }
    }
  })

  it('equals the TypeScript hasher under any sequence of updates, clones and digests', () => {
    const step = fc.record({
      hasher: fc.nat({ max: 9 }),
      action: fc.constantFrom('update', 'update', 'update', 'clone', 'digest'),
      length: fc.nat({ max: 3 * RATE }),
      fill: fc.nat({ max: 255 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
        const pairs: [Keccak256, Keccak256][] = [[new WasmKeccak256(kernel), new TypeScriptKeccak256()]]
        for (const { hasher, action, length, fill } of steps) {
          const index = hasher % pairs.length
          const [fast, slow] = pairs[index]!
          if (action === 'clone') pairs.push([fast.clone(), slow.clone()])
          else if (action === 'update') {
            const data = new Uint8Array(length).fill(fill)
            fast.update(data)
            slow.update(data)
          } else {
            expect(fast.digest()).toEqual(slow.digest())
            pairs[index] = [new WasmKeccak256(kernel), new TypeScriptKeccak256()]
          }
        }
        for (const [fast, slow] of pairs) expect(fast.digest()).toEqual(slow.digest())
      }),
    )
  })

  it('does not keep the bytes of an update, so that the caller may reuse the array', () => {
    const data = new Uint8Array(100).fill(1)
    const hasher = new WasmKeccak256(kernel).update(data)
    data.fill(2)
    expect(hasher.digest()).toEqual(plain(new Uint8Array(100).fill(1)))
  })
})
