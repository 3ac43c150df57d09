import type { RequestOutput } from '../src/core/request-outcome.ts'
import { type RequestInput, createRequestStage } from '../src/core/requests.ts'

/** A stage and all that it put out, statuses left out. `hears`: whether somebody is there to be told of what ends. */
export function recorded(restore?: Parameters<typeof createRequestStage>[0], hears = true) {
  const stage = createRequestStage(restore)
  const kept = new Map<string, Uint8Array>()
  const outputs: Exclude<RequestOutput, { type: 'status' }>[] = []
  const told = (): string[] => outputs.map(({ type, requestId }) => `${type} ${requestId}`)
  return {
    stage,
    outputs,
    kept,
    tell(...inputs: RequestInput[]) {
      for (const input of inputs) {
        const step = stage.handle(input, 0)
        for (const { key, value } of step.changes) {
          if (value === undefined) kept.delete(key)
          else kept.set(key, value)
        }
        for (const output of step.outputs) {
          if (output.type !== 'status') outputs.push(output)
          const isEnd = output.type === 'closed' || output.type === 'failed'
          if (isEnd && hears) inputs.push({ type: 'told', requestId: output.requestId })
        }
      }
      return told()
    },
    told,
  }
}

/** A request of so many segments was accepted. */
export const opened = (
  requestId: string,
  count: number,
  extra: { dataCount?: number; ephemeral?: boolean } = {},
) =>
  ({
    type: 'opened',
    requestId,
    messageId: count === 1 ? `${requestId}:0` : requestId,
    messageIds: Array.from({ length: count }, (_, i) => `${requestId}:${i}`),
    dataCount: extra.dataCount ?? count,
    ephemeral: extra.ephemeral ?? false,
  }) satisfies RequestInput

/** What became of a segment on its way. */
export const event = (
  type: 'released' | 'confirmed' | 'failed' | 'delivery-failed',
  messageId: string,
): RequestInput => ({ type, messageId })

/** Somebody has a segment. */
export const acknowledged = (messageId: string, by = 'bob'): RequestInput => ({
  type: 'acknowledged',
  messageId,
  by,
})

/** Somebody has it no more. */
export const withdrawn = (messageId: string, by = 'bob'): RequestInput => ({
  type: 'acknowledgement-withdrawn',
  messageId,
  by,
})
