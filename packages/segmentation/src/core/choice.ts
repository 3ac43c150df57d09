import type { Shape } from './segment-set.ts'

/** Contents by place in wire order, those to be preferred first. */
export type Candidates = ReadonlyMap<number, readonly { readonly content: Uint8Array }[]>

/** One content for each place in wire order; holes where none is chosen. */
export type Choice = readonly (Uint8Array | undefined)[]

/** As many of the chosen as it takes: all data, then parity for what is missing. */
export function sufficient({ dataCount }: Shape, choice: Choice): Choice | undefined {
  let missing = dataCount
  const chosen = choice.map((content) => {
    if (content === undefined || missing === 0) return undefined
    missing--
    return content
  })
  return missing === 0 ? chosen : undefined
}
