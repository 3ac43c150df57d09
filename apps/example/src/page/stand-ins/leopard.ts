import type * as Leopard from '@reliable-channels/leopard'

/**
 * Takes the place of `@reliable-channels/leopard` in the page. Parity is 9 kB that the first paint has no use for: they
 * come with the first world that has any, and else right after the paint.
 */
let loaded: typeof Leopard | undefined

/** Resolves once parity can be computed. No channel of the page makes or meets any before. */
export async function loadLeopard(): Promise<void> {
  loaded ??= await import('@reliable-channels/leopard')
}

function leopard(): typeof Leopard {
  if (loaded === undefined) throw new Error('parity was needed before loadLeopard() was awaited')
  return loaded
}

export const encodeParitySteps: typeof Leopard.encodeParitySteps = (...given) =>
  leopard().encodeParitySteps(...given)
export const recoverDataSteps: typeof Leopard.recoverDataSteps = (...given) =>
  leopard().recoverDataSteps(...given)
