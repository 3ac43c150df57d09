/** A logger of libp2p that says nothing. */
export interface SilentLogger {
  (formatter: unknown, ...args: unknown[]): void
  error(formatter: unknown, ...args: unknown[]): void
  trace(formatter: unknown, ...args: unknown[]): void
  readonly enabled: false
  newScope(name: string): SilentLogger
}

interface Scope {
  readonly process?: {
    readonly env?: Readonly<Record<string, string | undefined>>
    readonly versions?: { readonly node?: string }
  }
  readonly localStorage?: { getItem(key: string): string | null }
}

/**
 * The `logger` of a libp2p node that keeps silent. The default one makes a logger for each stream, and says nothing with it
 * unless `DEBUG` is set, in a browser `debug` in its local storage; then this is `undefined`, and libp2p takes its own.
 *
 * @example
 * const node = await createLibp2p({ logger: silentLogger(), connectionEncrypters: [packedNoise()] })
 */
export function silentLogger(
  scope: object = globalThis,
): { forComponent(name: string): SilentLogger } | undefined {
  if (isDebugging(scope)) return undefined
  const nothing = (): void => {}
  const silent: SilentLogger = Object.assign(nothing, {
    error: nothing,
    trace: nothing,
    enabled: false as const,
    newScope: () => silent,
  })
  return { forComponent: () => silent }
}

function isDebugging(scope: Scope): boolean {
  const { env, versions } = scope.process ?? {}
  if (env?.['DEBUG'] !== undefined) return true
  // Node.js 25 and newer warn of whoever asks for `localStorage`. A page may have a `process` too, but no version of Node.
  if (versions?.node !== undefined) return false
  try {
    return (scope.localStorage?.getItem('debug') ?? null) !== null
  } catch {
    // A page that may store nothing.
    return false
  }
}
