import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Where the service nodes are. */
export interface Network {
  readonly addresses: readonly [string, string]
  readonly networkConfig: { readonly clusterId: number; readonly numShardsInCluster: number }
  /** CPU time that the service nodes have used so far, ms. */
  cpuMs(): Promise<number>
  /** From now on the nodes lose this share, 0 to 1, of what they should push to their filter's subscribers. */
  drop(share: number): Promise<void>
  close(): Promise<void>
}

/** Starts the service nodes in a process of their own, so that they do not compete with what is measured for one thread. */
export async function startServiceNodes(): Promise<Network> {
  const script = fileURLToPath(new URL('service-nodes.ts', import.meta.url))
  const child = fork(script, {
    execArgv: ['--conditions=@reliable-channels/source'],
  })
  const ended = once(child, 'exit')
  const [where] = (await once(child, 'message')) as [Pick<Network, 'addresses' | 'networkConfig'>]
  const ask = async (question: 'cpu' | { readonly dropFilterPush: number }): Promise<NodeJS.CpuUsage> => {
    const told = once(child, 'message')
    child.send(question)
    const [usage] = (await told) as [NodeJS.CpuUsage]
    return usage
  }
  return {
    ...where,
    cpuMs: async () => cpuTimeMs(await ask('cpu')),
    async drop(share) {
      await ask({ dropFilterPush: share })
    },
    async close() {
      child.disconnect()
      await ended
    },
  }
}

/** User and system time, ms. */
export function cpuTimeMs({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000
}
