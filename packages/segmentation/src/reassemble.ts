import { checkDriverOptions } from '@reliable-channels/stage'
import { Observable, type OperatorFunction } from 'rxjs'
import { check } from './core/plan.ts'
import { reassemblyLimits } from './core/reassembly-limits.ts'
import type { ReassemblyFrame, MessageFrame } from './core/reassembly-frame.ts'
import type { ReassemblyEvent } from './core/reassembly-output.ts'
import { type ReassemblerOptions, createReassembler } from './reassembler.ts'

/** Options of {@link reassemble}. */
export interface ReassembleOptions extends ReassemblerOptions {
  /** Told what happens besides messages: segments rejected, sets dropped, progress. */
  onEvent?: (event: ReassemblyEvent) => void
}

/**
 * Puts messages together from the segments in its frames (LIP-243), in whatever order they come: one frame for each
 * message, the one that completed it, with the whole payload and a field `message` that says what it was made of.
 *
 * Each message comes once: what follows its completion is turned away as long as the message is remembered.
 * Payloads of frames must not change afterwards. Incomplete messages are forgotten when the source completes.
 * With a `write`, subscribe once at a time: each subscription has a state of its own, and would overwrite the other's.
 *
 * @throws `SegmentationOptionError` when called
 *
 * @example
 * ```ts
 * socket$.pipe(reassemble()).subscribe(({ payload }) => save(payload))
 * ```
 */
export function reassemble<F extends ReassemblyFrame>(
  options: ReassembleOptions = {},
): OperatorFunction<F, F & MessageFrame> {
  check.object('options', options)
  const { onEvent } = options
  check.callback('onEvent', onEvent)
  // Bad options throw here, not in whoever subscribes.
  checkDriverOptions(options)
  reassemblyLimits(options)
  return (source) =>
    new Observable((subscriber) => {
      const reassembler = createReassembler(options)
      subscriber.add(() => reassembler.close())
      if (onEvent !== undefined)
        subscriber.add(reassembler.events$.subscribe({ next: onEvent, error: () => {} }))
      subscriber.add(source.pipe(reassembler.reassemble<F>()).subscribe(subscriber))
    })
}
