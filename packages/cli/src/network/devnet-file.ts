import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Host } from '../host.ts'

/** Where a devnet is found. */
export interface DevnetPlace {
  /** One WebSocket address of each service node. */
  readonly multiaddrs: readonly string[]
  readonly networkConfig: { readonly clusterId: number; readonly numShardsInCluster?: number }
  /** The process that runs it. */
  readonly processId: number
}

/** The file that a devnet leaves its addresses in while it runs: `RC_DEVNET_FILE`, or in the user's state directory. */
export function devnetFile({ env }: Pick<Host, 'env'>): string {
  const { RC_DEVNET_FILE, XDG_STATE_HOME } = env
  if (RC_DEVNET_FILE !== undefined && RC_DEVNET_FILE !== '') return RC_DEVNET_FILE
  const state =
    XDG_STATE_HOME === undefined || XDG_STATE_HOME === '' ? join(homedir(), '.local/state') : XDG_STATE_HOME
  return join(state, 'reliable-channels', 'devnet.json')
}

/** Leaves the addresses of a devnet for others; nobody else of this machine may change them. */
export async function writeDevnetFile(path: string, place: DevnetPlace): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writeFile(path, `${JSON.stringify(place)}\n`, { mode: 0o600 })
}

/** The devnet that left its addresses, if its process still runs. */
export async function readDevnetFile(path: string): Promise<DevnetPlace | undefined> {
  const place = await parse(path)
  return place !== undefined && isRunning(place.processId) ? place : undefined
}

/** Takes the addresses away, unless they are of another devnet by now. */
export async function removeDevnetFile(path: string, processId: number): Promise<void> {
  if ((await parse(path))?.processId === processId) await rm(path, { force: true })
}

async function parse(path: string): Promise<DevnetPlace | undefined> {
  try {
    const { multiaddrs, networkConfig, processId } = JSON.parse(
      await readFile(path, 'utf8'),
    ) as Partial<DevnetPlace>
    const isOne =
      Array.isArray(multiaddrs) &&
      multiaddrs.length > 0 &&
      multiaddrs.every((one) => typeof one === 'string') &&
      typeof networkConfig?.clusterId === 'number' &&
      Number.isSafeInteger(processId)
    return isOne ? { multiaddrs, networkConfig, processId: processId! } : undefined
  } catch {
    return undefined
  }
}

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    // It is somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
