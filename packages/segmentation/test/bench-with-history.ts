import type { ReassemblyFrame, ReassemblyOutput } from '../src/core.ts'
import { StageOnBench, split } from './stage-on-bench.ts'

/** A segment with its author, and an id of its own. */
export interface Known extends ReassemblyFrame {
  readonly senderId: string
  readonly messageId: string
}

/** Segments as they come from SDS, each with an id of its own. */
export function framesOf(
  payload: Uint8Array,
  name: string,
  options: Parameters<typeof split>[1] = {},
): Known[] {
  return split(payload, options).map((segment, place) => ({
    payload: segment,
    senderId: 'alice',
    messageId: `${name}-${place}`,
  }))
}

/** A stage beside a history that keeps all contents, and gives back those that are wanted. */
export class BenchWithHistory extends StageOnBench {
  readonly history: Map<string, Uint8Array> = new Map()

  receive(...frames: readonly Known[]): ReassemblyOutput[] {
    return frames.flatMap((frame) => {
      this.history.set(frame.messageId, frame.payload)
      return this.answered(this.feed(frame))
    })
  }

  /** The outputs that follow once the contents that `outputs` ask for were given back. */
  answered(outputs: readonly ReassemblyOutput[]): ReassemblyOutput[] {
    return outputs.flatMap((output) => {
      if (output.type !== 'wanted') return [output]
      const { senderId, payloadHash, messageIds } = output
      const segments = messageIds.map((messageId) => ({ messageId, content: this.history.get(messageId) }))
      return [output, ...this.input({ type: 'readmit', senderId, payloadHash, segments })]
    })
  }
}

/** Types and reasons of outputs. */
export const typesOf = (outputs: readonly ReassemblyOutput[]): string[] =>
  outputs.map((output) => ('reason' in output ? `${output.type}: ${output.reason}` : output.type))
