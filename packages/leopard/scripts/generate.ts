import { writeFileSync } from 'node:fs'
import { inlineSource } from '../../../scripts/wasm/inline.ts'
import { leopardKernel } from './kernel.ts'

/** What `src/core/kernel8.generated.ts` or `src/core/kernel16.generated.ts` must contain. */
export function generatedSource(bits: 8 | 16): string {
  return inlineSource('packages/leopard/scripts/generate.ts', leopardKernel(bits))
}

if (import.meta.main) {
  for (const bits of [8, 16] as const) {
    writeFileSync(new URL(`../src/core/kernel${bits}.generated.ts`, import.meta.url), generatedSource(bits))
  }
}
