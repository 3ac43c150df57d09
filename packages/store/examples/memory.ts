import { memoryStore } from '@reliable-channels/store'

const text = (value: Uint8Array): string => new TextDecoder().decode(value)
const bytes = (value: string): Uint8Array => new TextEncoder().encode(value)

const store = memoryStore()

// All of it is written, or nothing.
await store.write([
  { key: 'channel/lamport', value: bytes('41') },
  { key: 'channel/outgoing/1', value: bytes('hello') },
  { key: 'channel/outgoing/2', value: bytes('world') },
])
await store.write([
  { key: 'channel/lamport', value: bytes('42') },
  { key: 'channel/outgoing/1', value: undefined },
])

for await (const { key, value } of store.entries('channel/')) console.log(key, '=', text(value))
await store.close()
