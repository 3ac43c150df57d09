import { keyFromPassphrase, xchacha } from '@reliable-channels/encryption'

const key = await keyFromPassphrase('correct horse', { salt: '/app/1/room', logN: 14 })
const cipher = xchacha({ key })
const context = { channelId: 'room', contentTopic: '/app/1/room/proto' }
for (const size of [0, 1_000, 100_000]) {
  const plain = new Uint8Array(size).fill(7)
  const opened = await cipher.open(await cipher.seal(plain, context), context)
  console.log(size, opened?.length === size && opened.every((byte) => byte === 7))
}
