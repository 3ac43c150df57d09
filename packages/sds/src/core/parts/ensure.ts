/** @param invariant Its number; see `evaluate` in `stage.ts`. */
export function ensure(holds: boolean, invariant: number): void {
  if (!holds) throw new Error(`invariant ${invariant}`)
}
