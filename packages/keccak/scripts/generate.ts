import { writeFileSync } from 'node:fs'
import { inlineSource } from '../../../scripts/wasm/inline.ts'
import { keccakKernel } from './kernel.ts'

/** What `src/core/kernel.generated.ts` must contain. */
export function generatedSource(): string {
  return inlineSource('packages/keccak/scripts/generate.ts', keccakKernel())
}

if (import.meta.main) {
  writeFileSync(new URL('../src/core/kernel.generated.ts', import.meta.url), generatedSource())
}
