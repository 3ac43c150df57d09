import type { Attributes, BatchObservableResult, Meter, Observable } from '@opentelemetry/api'
import type { ReliableChannel } from '../channel.ts'
import type { ChannelStats } from '../counters.ts'

/** A metric: its values in the stats, each with what tells it from the others. */
interface Metric {
  readonly name: string
  readonly description: string
  readonly unit: string
  /** Of things that happen; otherwise of how much there is. */
  readonly isCounter: boolean
  readonly read: (stats: ChannelStats) => readonly (readonly [number, Attributes])[]
}

/** The values of a part of the stats, each under its name. */
const each = (values: Readonly<Record<string, number>>, name: string): (readonly [number, Attributes])[] =>
  Object.entries(values).map(([of, value]) => [value, { [name]: of }])

const METRICS: readonly Metric[] = [
  {
    name: 'reliable_channel.messages',
    description: 'Messages of the application, by what became of them.',
    unit: '{message}',
    isCounter: true,
    read: ({ messages }) => each(messages, 'outcome'),
  },
  {
    name: 'reliable_channel.frames',
    description: 'Frames that went to the network, by what they carry, and that came from it.',
    unit: '{frame}',
    isCounter: true,
    read: ({ out: { content, retransmission, repair, sync }, in: { frames } }) => [
      ...each({ content, retransmission, repair, sync }, 'kind').map(
        ([value, kind]) => [value, { direction: 'out', ...kind }] as const,
      ),
      [frames, { direction: 'in' }],
    ],
  },
  {
    name: 'reliable_channel.frame.bytes',
    description: 'Payload bytes of these frames.',
    unit: 'By',
    isCounter: true,
    read: (stats) => [
      [stats.out.bytes, { direction: 'out' }],
      [stats.in.bytes, { direction: 'in' }],
    ],
  },
  {
    name: 'reliable_channel.dispatches',
    description: 'Frames that the network has, or could not be brought to take.',
    unit: '{frame}',
    isCounter: true,
    read: ({ out: { confirmed, failed } }) => each({ confirmed, failed }, 'outcome'),
  },
  {
    name: 'reliable_channel.segments',
    description: 'Segments that were delivered here, once each.',
    unit: '{segment}',
    isCounter: true,
    read: (stats) => [[stats.in.segments, {}]],
  },
  {
    name: 'reliable_channel.sds',
    description: 'What SDS did: acknowledgements that came, messages found missing, asked for and given up.',
    unit: '{event}',
    isCounter: true,
    read: ({ sds }) => each(sds, 'event'),
  },
  {
    name: 'reliable_channel.drops',
    description: 'What was dropped or refused, by reason.',
    unit: '{drop}',
    isCounter: true,
    read: ({ drops }) => each(drops, 'reason').filter(([count]) => count > 0),
  },
  {
    name: 'reliable_channel.waiting',
    description: 'What waits: requests, frames, segments, messages.',
    unit: '{item}',
    isCounter: false,
    read: ({ waiting: { requestBytes: _, unacknowledgedBytes: __, incompleteBytes: ___, ...counts } }) =>
      each(counts, 'queue'),
  },
  {
    name: 'reliable_channel.waiting.bytes',
    description: 'Bytes of what waits.',
    unit: 'By',
    isCounter: false,
    read: ({ waiting: { requestBytes, unacknowledgedBytes, incompleteBytes } }) =>
      each(
        { requests: requestBytes, unacknowledged: unacknowledgedBytes, incomplete: incompleteBytes },
        'queue',
      ),
  },
  {
    name: 'reliable_channel.quota',
    description: 'The quota of the node in the running epoch. Absent without a rate limit.',
    unit: '{frame}',
    isCounter: false,
    read: ({ quota }) => (quota.limit === Infinity ? [] : each(quota, 'part')),
  },
]

/** Reads the stats once for each collection. Returns what ends it. */
export function observeStats(channel: ReliableChannel, meter: Meter, attributes: Attributes): () => void {
  const observed = METRICS.map(({ name, isCounter, read, ...about }) => {
    const instrument: Observable = isCounter
      ? meter.createObservableCounter(name, about)
      : meter.createObservableGauge(name, about)
    return { instrument, read }
  })
  const instruments = observed.map(({ instrument }) => instrument)
  const collect = (result: BatchObservableResult): void => {
    const stats = channel.stats()
    for (const { instrument, read } of observed)
      for (const [value, own] of read(stats)) result.observe(instrument, value, { ...attributes, ...own })
  }
  meter.addBatchObservableCallback(collect, instruments)
  return () => meter.removeBatchObservableCallback(collect, instruments)
}
