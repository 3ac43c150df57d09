interface Unrefable {
  unref?(): unknown
}

interface Scope {
  readonly BroadcastChannel?: { readonly prototype: Unrefable }
  readonly process?: { getBuiltinModule?(name: string): unknown }
}

/**
 * Lets a process end that has, or had, a node of js-libp2p, on Deno too.
 *
 * The lock of libp2p's peer store (`mortice`) opens a `BroadcastChannel`, never closes it, and calls its `unref`, so that it
 * keeps no process alive. Deno has that method in `node:worker_threads` alone, and not in the global class, so that nothing
 * happens there. This gives it to the global class where it is missing, and does nothing anywhere else. Call it before the
 * first node is made; `devnet()` and `createWakuTransport()` do.
 *
 * @example
 * letProcessEnd()
 * const node = await createLibp2p({ connectionEncrypters: [packedNoise()] })
 */
export function letProcessEnd(scope: object = globalThis): void {
  const { BroadcastChannel: channel, process } = scope as Scope
  if (channel === undefined || 'unref' in channel.prototype) return
  const worker = process?.getBuiltinModule?.('node:worker_threads') as Scope | undefined
  const unref = worker?.BroadcastChannel?.prototype.unref
  if (unref === undefined) return
  Object.defineProperty(channel.prototype, 'unref', { value: unref, configurable: true, writable: true })
}
