import type { TestProject } from 'vitest/node'
import { type ServedPage, servePage } from './served-page.ts'

declare module 'vitest' {
  interface ProvidedContext {
    readonly examplePage: ServedPage
  }
}

/** One page for all tests of a run, which is built when the first of them asks for it, and removed after the last. */
export async function setup({ provide }: TestProject): Promise<() => PromiseLike<void>> {
  const { url, folder, [Symbol.asyncDispose]: end } = await servePage()
  provide('examplePage', { url, folder })
  return end
}
