import { Buffer } from 'node:buffer'
import { none } from '@reliable-channels/encryption'
import { describe, expect, it } from 'vitest'
import { fakeTransport } from '../test/fake-transport.ts'
import { hello, openFake, team } from '../test/open-fake.ts'
import {
  ChannelOptionError,
  ReliableChannelManager,
  type SendOptions,
  jsWaku,
  lip,
  logosDeliveryRaw,
  openChannel,
} from './index.ts'

/** As whoever writes JavaScript might call it. */
const open = openChannel as (options?: unknown) => Promise<unknown>
const node = (): object => ({ ...team, transport: fakeTransport() })

const half = { id: 'half', overheadBytes: 0, seal: (plain: Uint8Array): Uint8Array => plain }

describe('what makes no channel', () => {
  it.each<[string, () => unknown]>([
    [
      '"options" expected an object with "transport", "channelId", "contentTopic" and "senderId", got undefined',
      () => undefined,
    ],
    ['messaging client is required: "transport" is missing', () => ({ ...team })],
    [
      '"transport" expected a transport such as createWakuTransport() makes, got "ws://"',
      () => ({ ...team, transport: 'ws://' }),
    ],
    ['"transport.send" expected a function, got undefined', () => ({ ...team, transport: {} })],
    [
      '"transport.events$" expected an observable, got undefined',
      () => ({ ...team, transport: { ...fakeTransport(), events$: undefined } }),
    ],
    [
      '"transport.maxMessageBytes" expected an integer from 1, got undefined',
      () => ({ ...team, transport: { ...fakeTransport(), maxMessageBytes: undefined } }),
    ],
    ['sendHandler is required', () => ({ ...node(), sendHandler: undefined })],
    [
      '"store" expected a store such as levelStore(database), got "./path"',
      () => ({ ...node(), store: './path' }),
    ],
    ['"store.write" expected a function, got undefined', () => ({ ...node(), store: new Map() })],
    [
      '"rateLimit" expected options such as { epochMs, messagesPerEpoch }, or a limiter, got 20',
      () => ({ ...node(), rateLimit: 20 }),
    ],
    ['"exclusive" expected a non-empty string, got true', () => ({ ...node(), exclusive: true })],
    ['"exclusive.name" expected a non-empty string, got undefined', () => ({ ...node(), exclusive: {} })],
    ['"randomBytes" expected a function, or nothing, got 7', () => ({ ...node(), randomBytes: 7 })],
    ['"channelId" expected a non-empty string, got undefined', () => ({ ...node(), channelId: undefined })],
    ['"senderId" expected a non-empty string, got ""', () => ({ ...node(), senderId: '' })],
    [
      '"channelId" expected well-formed text, without lone surrogates, got "\\ud800"',
      () => ({ ...node(), channelId: '\ud800' }),
    ],
    ['"senderId" expected at most 256 bytes, got 258', () => ({ ...node(), senderId: 'é'.repeat(129) })],
    [
      '"profile" expected a profile such as lip or jsWaku, got "jsWaku"',
      () => ({ ...node(), profile: 'jsWaku' }),
    ],
    ["\"profile.sds\" expected 'lip' or 'nim', got undefined", () => ({ ...node(), profile: {} })],
    [
      '"cipher" expected a cipher such as xchacha({ key }), with "seal" and "open", got "secret"',
      () => ({ ...node(), cipher: 'secret' }),
    ],
    [
      '"cipher" expected a cipher such as xchacha({ key }), with "seal" and "open", got Uint8Array',
      () => ({ ...node(), cipher: new Uint8Array(32) }),
    ],
    [
      '"cipher" expected a cipher such as xchacha({ key }), with "seal" and "open", got an object',
      () => ({ ...node(), cipher: half }),
    ],
    [
      '"placement" expected \'envelope\' or \'content\', got "inside"',
      () => ({ ...node(), placement: 'inside' }),
    ],
    [
      '"consume" expected \'automatic\' or \'acknowledged\', got "manual"',
      () => ({ ...node(), consume: 'manual' }),
    ],
    ['"sds" expected an object, got "fast"', () => ({ ...node(), sds: 'fast' })],
    ['"maxOpenRequests" expected an integer from 1, got 0.5', () => ({ ...node(), maxOpenRequests: 0.5 })],
    ['"historyMs" expected an integer from 0, got "5"', () => ({ ...node(), historyMs: '5' })],
    [
      '"dispatchTimeoutMs" expected an integer from 1, got NaN',
      () => ({ ...node(), dispatchTimeoutMs: NaN }),
    ],
  ])('is refused: %s', async (message, options) => {
    await expect(open(options())).rejects.toThrow(new ChannelOptionError(message))
  })

  it.each([
    ['ERR_SDS_OPTION', { sds: { bloomCapacity: -1 } }],
    ['ERR_SDS_OPTION', { sds: { maxIdLength: 'long' } }],
    ['ERR_SEGMENTATION_OPTION', { segmentSizeBytes: '1024' }],
    ['ERR_SEGMENTATION_OPTION', { parityRate: -1 }],
    ['ERR_SEGMENTATION_OPTION', { reassembly: { timeoutMs: Number.NaN } }],
    ['ERR_SEGMENT_SIZE', { segmentSizeBytes: 149_000 }],
    ['ERR_RATE_LIMIT_OPTION', { rateLimit: { messagesPerEpoch: '20' } }],
    ['ERR_STAGE_OPTION', { scheduler: {} }],
  ])('is refused by the stage that it concerns: %s for %j', async (code, options) => {
    const transport = fakeTransport()
    await expect(open({ ...team, transport, ...options })).rejects.toMatchObject({ code })
    expect(transport.calls).toEqual([])
  })

  it('says all that is missing where nothing was given', async () => {
    // N11
    await expect(openChannel({} as never)).rejects.toThrow(
      'messaging client is required: "transport", "channelId", "contentTopic", "senderId" are missing',
    )
    await expect(openChannel({ ...team } as never)).rejects.toThrow(
      'messaging client is required: "transport" is missing',
    )
  })

  it.each<[object, string, string]>([
    [{ sds: { periodicSyncMS: 1_000 } }, 'periodicSyncMS', 'periodicSyncMs'],
    [{ sds: { repair: { tMinMS: 1_000 } } }, 'repair.tMinMS', 'repair.tMinMs'],
    [{ reassembly: { timeoutMS: 1_000 } }, 'timeoutMS', 'timeoutMs'],
    [{ rateLimit: { mesagesPerEpoch: 3 } }, 'mesagesPerEpoch', 'messagesPerEpoch'],
    [{ limits: { storeMS: 1_000 } }, 'limits.storeMS', 'limits.storeMs'],
    [{ exclusive: { name: 'app', wiat: true } }, 'exclusive.wiat', 'exclusive.wait'],
  ])('is refused where an option within another is misspelt: %o', async (options, name, meant) => {
    // N11
    await expect(openChannel({ ...team, transport: fakeTransport(), ...options })).rejects.toThrow(
      `there is no option "${name}": "${meant}" is meant, perhaps`,
    )
  })

  it('is said at the line that opens or sends, and not in the library', async () => {
    // N11
    const lineOf = (error: unknown): string => (error as Error).stack!.split('\n')[1]!
    const opening = openChannel({} as never).catch(lineOf)
    expect(await opening).toContain('check-options.test.ts')
    const manager = new ReliableChannelManager({ transport: fakeTransport() })
    expect(await manager.create({} as never).catch(lineOf)).toContain('check-options.test.ts')
    const channel = await manager.create(team)
    const thrown = (run: () => unknown): unknown => {
      try {
        return run()
      } catch (error) {
        return error
      }
    }
    expect(lineOf(thrown(() => new ReliableChannelManager({} as never)))).toContain('check-options.test.ts')
    expect(lineOf(thrown(() => channel.send('text' as never)))).toContain('check-options.test.ts')
    expect(lineOf(thrown(() => manager.send('team', 'text' as never)))).toContain('check-options.test.ts')
    await manager.closeAll()
  })

  it('is refused where an option is misspelt, with what is meant, and not where others are passed along', async () => {
    // N11
    const transport = fakeTransport()
    const misspelt = { ...team, transport, segmentSizeByte: 1_000 }
    await expect(openChannel(misspelt)).rejects.toThrow(
      'there is no option "segmentSizeByte": "segmentSizeBytes" is meant, perhaps',
    )
    const withoutUnit = { ...team, transport, segmentSize: 1_000 }
    await expect(openChannel(withoutUnit)).rejects.toThrow('"segmentSizeBytes" is meant')
    const channel = await openChannel({ ...team, transport, ...{ note: 'mine' } })
    expect(() => channel.send(Uint8Array.of(1), { ephemaral: true } as never)).toThrow('"ephemeral" is meant')
    await channel.close()
  })

  it.each(['encryption', 'key', 'passphrase'])(
    'is refused where `%s` stands in the place of a cipher, which would mean plaintext',
    async (name) => {
      // N11
      const transport = fakeTransport()
      const opened = openChannel({ ...team, transport, ...{ [name]: 'secret' } })
      await expect(opened).rejects.toThrow('"cipher" expected a cipher such as')
      const channel = await openChannel({ ...team, transport, cipher: none(), ...{ [name]: 'secret' } })
      await channel.close()
    },
  )

  it.each(['chat', '/chat', '/chat/1/room', '//1/room/proto', '/chat/1/room/proto/'])(
    'is refused with the content topic %s, on whatever network',
    async (contentTopic) => {
      // N11
      const opened = openChannel({ ...team, transport: fakeTransport(), contentTopic })
      await expect(opened).rejects.toThrow('"contentTopic" expected "/application/version/name/encoding"')
    },
  )

  it('is refused by a manager too', async () => {
    expect(() => new ReliableChannelManager(undefined as never)).toThrow(
      new ChannelOptionError('"options" expected an object with "transport", got undefined'),
    )
    const manager = new ReliableChannelManager({ transport: fakeTransport() })
    await expect(manager.create(undefined as never)).rejects.toThrow(
      new ChannelOptionError(
        '"options" expected an object with "channelId", "contentTopic" and "senderId", got undefined',
      ),
    )
    expect(manager.channelIds).toEqual([])
    await manager.closeAll()
  })
})

describe('what cannot be sent', () => {
  it.each<[unknown, unknown, string]>([
    [undefined, {}, '"payload" expected a Uint8Array, got undefined'],
    [
      'hello',
      {},
      '"payload" expected a Uint8Array, got a string of 5 characters: use new TextEncoder().encode(text)',
    ],
    [new ArrayBuffer(3), {}, '"payload" expected a Uint8Array, got ArrayBuffer: use new Uint8Array(buffer)'],
    [
      new Uint16Array(3),
      {},
      '"payload" expected a Uint8Array, got Uint16Array: use new Uint8Array(view.buffer, view.byteOffset, view.byteLength)',
    ],
    [hello, null, '"options" expected an object, got null'],
    [hello, 'critical', '"options" expected an object, got "critical"'],
    [hello, { priority: 'high' }, "\"priority\" expected 'critical', 'normal' or 'optional', got \"high\""],
    [hello, { ephemeral: 'yes' }, '"ephemeral" expected true or false, got "yes"'],
    [hello, { signal: new AbortController() }, '"signal.throwIfAborted" expected a function, got undefined'],
  ])('is refused: %o with %o', async (payload, options, message) => {
    const { channel } = await openFake()
    const send = (): unknown => channel.send(payload as Uint8Array, options as SendOptions)
    expect(send).toThrow(new ChannelOptionError(message))
    expect(channel.requests).toEqual([])
    await channel.close()
  })

  it('is not waited for', async () => {
    const { channel } = await openFake()
    await expect(channel.ready('5' as never)).rejects.toThrow('"bytes" expected an integer from 0, got "5"')
    await expect(channel.ready(-1)).rejects.toThrow('"bytes" expected an integer from 0, got -1')
    await channel.close()
  })
})

describe('a Buffer', () => {
  it.each([
    ['lip', lip],
    ['jsWaku', jsWaku],
    ['logosDeliveryRaw', logosDeliveryRaw],
  ])('is sent as the bytes that it shows, and copied, at both ends (%s)', async (_, profile) => {
    for (const text of ['hello', 'a long text '.repeat(1_000)]) {
      const alice = await openFake({ profile })
      const bob = await openFake({ profile, senderId: 'bob' })
      const received: Uint8Array[] = []
      bob.channel.incoming$.subscribe(({ payload }) => received.push(payload))
      const pooled = Buffer.from(`before ${text} after`).subarray(7, -6)
      alice.channel.send(pooled)
      pooled.fill(0)
      await alice.pass()
      // A transport for Node.js may well deliver such, in memory of its own.
      const payload = Buffer.from(alice.transport.sent[0]!.payload)
      bob.transport.deliver({ ...alice.transport.sent[0]!, payload })
      payload.fill(0)
      await bob.pass()
      expect(received.map((bytes) => new TextDecoder().decode(bytes))).toEqual([text])
      expect(received[0]!.constructor).toBe(Uint8Array)
      await alice.channel.close()
      await bob.channel.close()
    }
  })
})
