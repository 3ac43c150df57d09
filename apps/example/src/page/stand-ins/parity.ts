/**
 * What has to do with parity is some kB that the first paint has no use for: they come with the first world that has any, and
 * else right after the paint. The build says which modules of `segmentation` those are.
 */
const modules: (() => Promise<unknown>)[] = []
let loading: Promise<unknown> | undefined

/** A module that comes with parity; called by what stands in its place. */
export function withParity(load: () => Promise<unknown>): void {
  modules.push(load)
}

/** Resolves once parity can be computed. No channel of the page makes or meets any before. */
export async function loadParity(): Promise<void> {
  loading ??= Promise.all(modules.map((load) => load()))
  await loading
}
