import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Where the service nodes are. */
export interface Network {
  readonly addresses: readonly [string, string]
  readonly networkConfig: { readonly clusterId: number; readonly numShardsInCluster: number }
  /** CPU time that the service nodes have used so far, ms. */
  cpuMs(): Promise<number>
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
  return {
    ...where,
    async cpuMs() {
      const told = once(child, 'message')
      child.send('cpu')
      const [usage] = (await told) as [NodeJS.CpuUsage]
      return cpuTimeMs(usage)
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
