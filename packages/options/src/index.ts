/**
 * Checks what callers hand over, and says in one sentence what was expected, what came and what to do.
 *
 * @packageDocumentation
 */
export { atCaller } from './at-caller.ts'
export { isBytes } from './bytes.ts'
export { type Checks, createChecks } from './checks.ts'
export { onlyNames } from './only-names.ts'
export { joinNegativeValues } from './negative-values.ts'
