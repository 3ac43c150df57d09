import { readFileSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import { RELAXED_SWIZZLE, SWIZZLE } from '../../../../scripts/wasm/instructions.ts'
import { generatedSource } from '../../scripts/generate.ts'
import { wasmEngine } from './wasm-engine.ts'

describe('the WebAssembly kernels', () => {
  it.each([8, 16] as const)('are what the committed generator makes, in GF(2^%i)', (bits) => {
    const committed = readFileSync(new URL(`./kernel${bits}.generated.ts`, import.meta.url), 'utf8')
    expect(committed === generatedSource(bits), 'run node packages/leopard/scripts/generate.ts').toBe(true)
  })

  it('are made twice: with i8x16.swizzle, and with the relaxed instruction where that is known', () => {
    const modules: number[][] = []
    vi.stubGlobal('WebAssembly', {
      ...WebAssembly,
      Module: class {
        constructor(binary: Uint8Array) {
          modules.push(Array.from(binary))
          throw new Error('unknown instruction')
        }
      },
    })
    expect(wasmEngine(8)).toBeUndefined()
    vi.unstubAllGlobals()
    const [relaxed, strict] = modules.map((bytes) => bytes.join())
    expect(modules).toHaveLength(2)
    expect(strict!.split(SWIZZLE.join()).join(RELAXED_SWIZZLE.join())).toBe(relaxed)
    expect(relaxed).not.toBe(strict)
  })
})
