import { type Attributes, type Meter, type Tracer, metrics, trace } from '@opentelemetry/api'
import { atCaller, onlyNames } from '@reliable-channels/options'
import type { ReliableChannel } from '../channel.ts'
import { check } from '../check-options.ts'
import { observeStats } from './observe-stats.ts'
import { traceMessages } from './trace-messages.ts'

/** Options of {@link observeChannel}. */
export interface ObserveOptions {
  /** Where metrics go. @default metrics.getMeter('@reliable-channels/channel') */
  meter?: Meter
  /** Where spans go. @default trace.getTracer('@reliable-channels/channel') */
  tracer?: Tracer
  /** Beside those of the channel, on every metric and span. @default {} */
  attributes?: Attributes
}

const NAME = '@reliable-channels/channel'

/**
 * Tells OpenTelemetry what a channel does, until it is closed: metrics from {@link ReliableChannel.stats}, read when they are
 * collected; a span for each message that is sent, from `send` until it is delivered or failed, with what happens on its
 * way; and one for each that is received.
 *
 * Payloads are not looked at. Spans have ids of messages and members.
 *
 * @returns Ends it before the channel is closed.
 * @throws ChannelOptionError
 * @example
 * ```ts
 * const stop = observeChannel(channel)
 * ```
 */
export function observeChannel(channel: ReliableChannel, options: ObserveOptions = {}): () => void {
  const { meter = metrics.getMeter(NAME), tracer = trace.getTracer(NAME), attributes = {} } = options
  atCaller(observeChannel, () => {
    check.object('channel', channel, 'a channel, as openChannel() opens it')
    check.object('options', options)
    onlyNames(check, options, ['meter', 'tracer', 'attributes'])
    check.object('attributes', attributes)
  })
  const named = {
    ...attributes,
    'messaging.system': 'reliable_channels',
    'messaging.destination.name': channel.channelId,
    'messaging.client.id': channel.senderId,
  }
  const metered = observeStats(channel, meter, named)
  const traced = traceMessages(channel, tracer, named)
  const stop = (): void => {
    metered()
    traced.unsubscribe()
  }
  traced.add(metered)
  return stop
}
