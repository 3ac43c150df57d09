import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { generatedSource } from '../../scripts/generate.ts'

describe('the WebAssembly kernels', () => {
  it.each([8, 16] as const)('are what the committed generator makes, in GF(2^%i)', (bits) => {
    const committed = readFileSync(new URL(`./kernel${bits}.generated.ts`, import.meta.url), 'utf8')
    expect(committed === generatedSource(bits), 'run node packages/leopard/scripts/generate.ts').toBe(true)
  })
})
