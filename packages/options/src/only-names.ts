import type { Checks } from './checks.ts'

/**
 * As {@link Checks.names}, for options that serve nothing else: no name but those known.
 *
 * @param check The checks of the package, which throw its error.
 * @param within The option whose options these are.
 * @example
 * onlyNames(check, mood, ['kind', 'slowMs'], 'mood')
 */
export function onlyNames(check: Checks, options: object, known: readonly string[], within?: string): void {
  check.names(options, known, within)
  for (const name of Object.keys(options)) check.oneOf(within ?? 'options', name, known)
}
