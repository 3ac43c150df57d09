import { createHash } from 'node:crypto'

/** The result of a peer. */
export interface PeerResult {
  readonly name: string
  readonly role: 'sender' | 'receiver'
  readonly bytes: number
  readonly sha256: string | undefined
}

/** Messages handed to the network, by what they were for. */
export type TrafficCounts = Readonly<Record<'content' | 'retransmission' | 'repair' | 'sync', number>>

/** The result of a demo, over whatever network. */
export interface Outcome {
  /** Every peer's bytes are equal and the request reached `delivered`. */
  readonly ok: boolean
  /** Why not. */
  readonly reason?: string
  readonly peers: readonly PeerResult[]
  readonly segments: number
  readonly network: {
    /** Messages handed to the network. */
    readonly sent: number
  }
  readonly traffic: TrafficCounts
  readonly seconds: number
  /** The last state of the request. */
  readonly status: string
}

/** The network or a peer did not come up. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** How far one peer is. */
export interface PeerProgress {
  readonly name: string
  readonly done: number
  readonly total: number
}

/** The demo does not go on for ever when nothing gets through. */
const GIVE_UP_MS = 600_000

/**
 * Waits for the end; why it was none to be glad of, if so.
 *
 * @throws The reason of `signal` when that aborts.
 */
export async function failure(finished: Promise<unknown>, signal?: AbortSignal): Promise<string | undefined> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`not finished after ${GIVE_UP_MS / 1000} s`)), GIVE_UP_MS)
  const abort = (): void => reject(signal!.reason)
  signal?.addEventListener('abort', abort)
  try {
    await Promise.race([finished, late])
    return undefined
  } catch (error) {
    signal?.throwIfAborted()
    return error instanceof Error ? error.message : String(error)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}

/** Names a peer that has other bytes than the sender, which is wrong even where all ended well. */
export function difference([sender, ...others]: readonly PeerResult[]): string | undefined {
  const wrong = others.find(({ sha256 }) => sha256 !== sender!.sha256)
  return wrong && `${wrong.name} has other bytes than were sent`
}

/** In hexadecimal digits. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
