import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { memoryStore } from '@reliable-channels/store'
import { describe, expect, it } from 'vitest'
import { openFake, hello } from '../../test/open-fake.ts'
import { encode, setUp } from '../../test/restarting.ts'
import { observeChannel } from '../opentelemetry.ts'

/** The real SDK, with exporters that keep what they are given. */
function sdk() {
  const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis: 1e9 })
  const meters = new MeterProvider({ readers: [reader] })
  const exporter = new InMemorySpanExporter()
  const tracers = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] })
  return {
    options: { meter: meters.getMeter('test'), tracer: tracers.getTracer('test') },
    /** The values of each metric, by their attributes. */
    async metrics(): Promise<Record<string, Record<string, number>>> {
      metricExporter.reset()
      await meters.forceFlush()
      const all = metricExporter
        .getMetrics()
        .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
      return Object.fromEntries(
        all.map(({ descriptor, dataPoints }) => [
          descriptor.name,
          Object.fromEntries(
            dataPoints.map(({ attributes, value }) => {
              const own = Object.entries(attributes).filter(([name]) => !name.startsWith('messaging.'))
              return [own.map(([, of]) => String(of)).join(' '), value as number]
            }),
          ),
        ]),
      )
    },
    spans: () => exporter.getFinishedSpans(),
    close: () => Promise.all([meters.shutdown(), tracers.shutdown()]),
  }
}

describe('a channel that OpenTelemetry observes', () => {
  it('has metrics that are its stats', async () => {
    const net = setUp({ loss: 0.2, seed: 5 })
    const otel = sdk()
    await net.open('bob', memoryStore())
    const rateLimit = { epochMs: 10_000, messagesPerEpoch: 50 }
    const { channel } = await net.open('alice', memoryStore(), { rateLimit })
    const stop = observeChannel(channel, otel.options)
    for (let i = 0; i < 5; i++) channel.send(encode(`message ${i}`))
    await net.pass(30_000)
    const { messages, out, in: came, quota, sds } = channel.stats()
    const metrics = await otel.metrics()
    expect(messages.delivered).toBe(5)
    expect(metrics['reliable_channel.messages']).toEqual(messages)
    expect(metrics['reliable_channel.frames']).toEqual({
      'out content': out.content,
      'out retransmission': out.retransmission,
      'out repair': out.repair,
      'out sync': out.sync,
      in: came.frames,
    })
    expect(metrics['reliable_channel.frame.bytes']).toEqual({ out: out.bytes, in: came.bytes })
    expect(metrics['reliable_channel.sds']).toEqual(sds)
    expect(metrics['reliable_channel.quota']).toEqual(quota)
    expect(metrics['reliable_channel.waiting']).toMatchObject({ requests: 0, unacknowledged: 0 })
    stop()
    channel.send(encode('that nobody observes'))
    await net.pass(5_000)
    expect(channel.stats().messages.taken).toBe(6)
    expect((await otel.metrics())['reliable_channel.messages']?.['taken']).toBe(5)
    await otel.close()
  })

  it('has a span for the way of each message, and for each that comes', async () => {
    const net = setUp()
    const otel = sdk()
    const bob = await net.open('bob', memoryStore())
    const alice = await net.open('alice', memoryStore())
    observeChannel(alice.channel, { ...otel.options, attributes: { room: 'team' } })
    const request = alice.channel.send(encode('hello'))
    bob.channel.send(encode('hello, Alice'))
    const typing = alice.channel.send(encode('is typing'), { ephemeral: true })
    await net.pass(5_000)
    const spans = otel.spans()
    const sent = spans.find(
      ({ attributes }) => attributes['reliable_channel.request_id'] === request.requestId,
    )!
    expect(sent).toMatchObject({
      name: 'send team',
      kind: SpanKind.PRODUCER,
      status: { code: SpanStatusCode.OK },
      attributes: {
        room: 'team',
        'messaging.destination.name': 'team',
        'messaging.message.id': request.messageId,
        'reliable_channel.delivered_to': ['bob'],
      },
    })
    const events = sent.events.map(({ name }) => name)
    expect(events.filter((name) => name !== 'accepted')).toEqual(['queued', 'sending', 'sent', 'delivered'])
    expect(events).toContain('accepted')
    const untracked = spans.find(
      ({ attributes }) => attributes['reliable_channel.request_id'] === typing.requestId,
    )!
    expect(untracked.status.code).toBe(SpanStatusCode.OK)
    const received = spans.filter(({ kind }) => kind === SpanKind.CONSUMER)
    expect(received.map(({ name, attributes }) => [name, attributes['messaging.message.body.size']])).toEqual(
      [['receive team', 12]],
    )
    await otel.close()
  })

  it('ends spans of messages that fail, are taken back, or are open when it closes', async () => {
    const otel = sdk()
    const { channel, transport, pass } = await openFake()
    observeChannel(channel, otel.options)
    const cancelled = channel.send(hello)
    cancelled.cancel()
    const failing = channel.send(hello, { ephemeral: true })
    await pass()
    transport.fail('m0')
    await pass()
    const open = channel.send(hello)
    await pass()
    await channel.close()
    const statusOf = (requestId: string) =>
      otel.spans().find(({ attributes }) => attributes['reliable_channel.request_id'] === requestId)?.status
    expect(statusOf(cancelled.requestId)).toMatchObject({ code: SpanStatusCode.ERROR })
    expect(statusOf(failing.requestId)).toEqual({
      code: SpanStatusCode.ERROR,
      message: 'ended as send-failed',
    })
    expect(statusOf(open.requestId)).toBeDefined()
    await otel.close()
  })

  it('is refused where it is none, and needs no SDK', async () => {
    expect(() => observeChannel(undefined as never)).toThrow('"channel" expected a channel')
    const { channel, pass } = await openFake()
    const stop = observeChannel(channel)
    channel.send(hello)
    await pass()
    stop()
    stop()
  })
})
