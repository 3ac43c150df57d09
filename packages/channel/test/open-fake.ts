import { type VirtualTime, virtualTime } from '@reliable-channels/simulator'
import {
  type ChannelEvent,
  type ChannelOptions,
  type NodeOptions,
  type ReliableChannel,
  openChannel,
} from '../src/index.ts'
import { seededBytes } from './seeded-bytes.ts'
import { type FakeTransport, fakeTransport } from './fake-transport.ts'

export const team = { channelId: 'team', contentTopic: '/app/1/team/proto', senderId: 'alice' }
export const hello: Uint8Array = new TextEncoder().encode('hello')

/** A channel on a fake network in virtual time. */
export interface OpenFake {
  readonly channel: ReliableChannel
  readonly transport: FakeTransport
  readonly scheduler: VirtualTime
  readonly events: ChannelEvent[]
  /** `type requestId` or `type error` of each event. */
  readonly told: () => string[]
  /** Lets `ms` of virtual time pass. */
  readonly pass: (ms?: number) => Promise<void>
}

export async function openFake(options: Partial<NodeOptions & ChannelOptions> = {}): Promise<OpenFake> {
  const transport = (options.transport as FakeTransport | undefined) ?? fakeTransport()
  const scheduler = (options.scheduler as VirtualTime | undefined) ?? virtualTime()
  const senderId = options.senderId ?? team.senderId
  const randomBytes = seededBytes(1, senderId)
  const channel = await openChannel({ ...team, randomBytes, ...options, transport, scheduler })
  const events: ChannelEvent[] = []
  channel.incoming$.subscribe({ error: () => {} })
  channel.events$.subscribe({ next: (event) => events.push(event), error: () => {} })
  return {
    channel,
    transport,
    scheduler,
    events,
    told: () =>
      events.map(
        (event) =>
          `${event.type} ${'error' in event ? event.error : 'requestId' in event ? event.requestId : ''}`,
      ),
    async pass(ms = 50) {
      await scheduler.run({ maxMs: ms })
    },
  }
}
