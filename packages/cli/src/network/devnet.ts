import { devnet } from '@reliable-channels/waku-devnet'
import { Closers } from '../closers.ts'
import type { Host } from '../host.ts'
import type { Output } from '../output.ts'
import {
  type DevnetPlace,
  devnetFile,
  readDevnetFile,
  removeDevnetFile,
  writeDevnetFile,
} from './devnet-file.ts'
import type { Joined } from './joined.ts'
import { joinServiceNodes } from './waku.ts'

/** The devnet that runs on this machine. Where none runs it is started here, for as long as this command. */
export async function joinDevnet(host: Host, output: Output): Promise<Joined> {
  const closers = new Closers(output)
  return closers.whileOpening(async () => {
    const path = devnetFile(host)
    const running = await readDevnetFile(path)
    const { multiaddrs, networkConfig, processId } = running ?? (await startDevnet(path, closers, output))
    const description = processId === process.pid ? 'the devnet of this process' : 'the devnet'
    const options = { bootstrapPeers: multiaddrs, networkConfig }
    const joined = closers.use('the light node', await joinServiceNodes(options, description, host, output))
    return { ...joined, [Symbol.asyncDispose]: () => closers[Symbol.asyncDispose]() }
  })
}

async function startDevnet(path: string, closers: Closers, output: Output): Promise<DevnetPlace> {
  const network = closers.use('the devnet', await devnet({ nodes: 2 }))
  // Somebody in another terminal may have been quicker.
  const other = await readDevnetFile(path)
  if (other !== undefined) return other
  const { multiaddrs, networkConfig } = network
  const place = { multiaddrs, networkConfig, processId: process.pid }
  await writeDevnetFile(path, place)
  closers.add('the address file', () => removeDevnetFile(path, process.pid))
  output.note(
    output.style(
      'dim',
      'no devnet runs: this process runs one while it lasts (rc devnet runs one that stays)',
    ),
  )
  return place
}
