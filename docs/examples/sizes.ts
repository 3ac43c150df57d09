import { type ChannelOptions, jsWaku, lean, openChannel } from '@reliable-channels/channel'
import { xchacha } from '@reliable-channels/encryption'
import { simulatedNetwork } from '@reliable-channels/simulator'

const choices: Record<string, Partial<ChannelOptions>> = {
  'lip, the default': {},
  'lip, sealed': { cipher: xchacha({ key: new Uint8Array(32).fill(7) }) },
  lean: { profile: lean },
  jsWaku: { profile: jsWaku },
}

console.log('profile               100 B    10 kB   300 kB')
for (const [name, options] of Object.entries(choices)) {
  const network = simulatedNetwork({ seed: 1 })
  const alice = await openChannel({
    channelId: 'lobby',
    contentTopic: '/my-app/1/lobby/proto',
    senderId: 'alice',
    transport: network.peer('alice'),
    ...options,
  })
  const cells: string[] = []
  for (const bytes of [100, 10_000, 300_000]) {
    const before = network.stats.sentBytes
    try {
      await alice.send(new Uint8Array(bytes).fill(1)).sent()
      cells.push(`${network.stats.sentBytes - before}`)
    } catch {
      cells.push('too big') // nothing is cut into segments there
    }
  }
  console.log(name.padEnd(18), cells.map((cell) => cell.padStart(8)).join(' '))
  await alice.close()
}
