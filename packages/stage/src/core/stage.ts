import type { Change } from '@reliable-channels/store'

/**
 * One step of a protocol as a pure state machine.
 *
 * A stage never reads a clock, starts a timer, touches the network or awaits.
 * Everything it needs arrives as an argument, everything it wants done leaves as a return value.
 */
export interface Stage<In, Out> {
  /** Consumes one input; returns what follows from it, in order. */
  handle(input: In, now: number): Step<Out>
  /** Earliest time (ms) at which {@link tick} has work, or `undefined`. */
  deadline(): number | undefined
  /**
   * Does the work that has fallen due by `now`. After it, {@link deadline} must lie after `now`.
   * Also called when the clock was set back, whether or not something is due.
   */
  tick(now: number): Step<Out>
}

/** What one step wants done: `changes` are stored first, as one write; then `outputs` are emitted. */
export interface Step<Out> {
  readonly outputs: readonly Out[]
  /** Keys are relative to the stage; its driver puts a prefix before them. */
  readonly changes: readonly Change[]
}

/** The step that wants nothing done. */
export const NO_STEP: Step<never> = Object.freeze({ outputs: Object.freeze([]), changes: Object.freeze([]) })

/** What every operator moves: some bytes, whose other fields travel along untouched. */
export interface Frame {
  readonly payload: Uint8Array
}
