import { encodeParity, recoverData } from '@reliable-channels/leopard'

// Four data shards of 64 bytes, and two parity shards: any four of the six are enough.
const data = ['north', 'east', 'south', 'west'].map((word) => {
  const shard = new Uint8Array(64)
  new TextEncoder().encodeInto(word, shard)
  return shard
})
const parity = encodeParity(data, 2)

const recovered = recoverData({ data: [data[0], undefined, undefined, data[3]], parity })
for (const shard of recovered) console.log(new TextDecoder().decode(shard).replaceAll('\0', ''))
