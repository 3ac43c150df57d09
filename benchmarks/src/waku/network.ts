import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Where the service nodes are. */
export interface Network {
  readonly addresses: readonly [string, string]
  readonly networkConfig: { readonly clusterId: number; readonly numShardsInCluster: number }
  close(): Promise<void>
}

/** Starts the service nodes in a process of their own, so that they do not compete with what is measured for one thread. */
export async function startServiceNodes(): Promise<Network> {
  const script = fileURLToPath(new URL('service-nodes.ts', import.meta.url))
  const child = spawn(process.execPath, ['--conditions=@reliable-channels/source', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  let text = ''
  for await (const piece of child.stdout.setEncoding('utf8')) {
    text += String(piece)
    if (text.includes('\n')) break
  }
  const where = JSON.parse(text.slice(0, text.indexOf('\n'))) as Omit<Network, 'close'>
  return {
    ...where,
    async close() {
      child.stdin.end()
      await ended
    },
  }
}
