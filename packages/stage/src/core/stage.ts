import type { Change } from '@reliable-channels/store'

/**
 * One step of a protocol as a pure state machine.
 *
 * A stage never reads a clock, starts a timer, touches the network or awaits.
 * Everything it needs arrives as an argument, everything it wants done leaves as a return value.
 *
 * `createDriver` runs one over RxJS. To drive one by plain calls, as tests do:
 *
 * 1. Make the stage, with the entries that a former one stored (`restore`), if there are any.
 * 2. Hand it the input that ends restoring, where it has one (`{ type: 'start' }`).
 * 3. Before each input: if {@link deadline} is `now` or earlier, call {@link tick} first, as a timer would have.
 * 4. Call {@link handle} with the input and the time.
 * 5. After each call: store the `changes` as one write, the prefix of the stage before their keys, and then hand the
 *    `outputs` on, in order. What they lead to is another input: never call the stage from inside a call of it.
 * 6. Ask {@link deadline}, and call {@link tick} at that time if no input came before. It may lie earlier than before or
 *    be gone; only the last answer counts.
 * 7. After a sleep of the machine, hand it `{ type: 'suspended', lateMs }` before the tick that is late, so that what was
 *    overdue is put off instead of given up.
 *
 * @example
 * ```ts
 * const step = stage.handle(input, now)
 * await store.write(step.changes)
 * for (const output of step.outputs) send(output)
 * ```
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

/** The result of one step: `changes` are stored first, as one write; then `outputs` are emitted. */
export interface Step<Out> {
  readonly outputs: readonly Out[]
  /** Keys are relative to the stage; its driver puts a prefix before them. */
  readonly changes: readonly Change[]
}

/** The step that wants nothing done. */
export const NO_STEP: Step<never> = Object.freeze({ outputs: Object.freeze([]), changes: Object.freeze([]) })

/** The value that every operator moves: some bytes, whose other fields travel along untouched. */
export interface Frame {
  readonly payload: Uint8Array
}
