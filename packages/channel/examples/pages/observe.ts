import { metrics, trace } from '@opentelemetry/api'
import type { ReliableChannel } from '@reliable-channels/channel'
import { observeChannel } from '@reliable-channels/channel/opentelemetry'

/** Until the channel is closed. What is left out are the global ones. */
export function observe(channel: ReliableChannel): () => void {
  return observeChannel(channel, {
    meter: metrics.getMeter('my-chat'),
    tracer: trace.getTracer('my-chat'),
    attributes: { 'service.room': 'family' },
  })
}
