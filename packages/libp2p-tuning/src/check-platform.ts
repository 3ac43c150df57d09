/** The platform lacks what js-libp2p needs. */
export class PlatformTooOldError extends Error {
  override readonly name = 'PlatformTooOldError'
  readonly code = 'ERR_PLATFORM_TOO_OLD'
}

interface Scope {
  readonly Promise: { readonly withResolvers?: unknown }
  readonly process?: { readonly versions?: { readonly node?: string } }
}

/**
 * Says in one sentence what the libraries below would say with a `TypeError` of theirs, in the middle of a start: they need
 * `Promise.withResolvers`, which Node.js has since 22 and browsers since 2024. What is there counts, not the version.
 *
 * @param what Who needs it, such as `'@waku/sdk'`.
 * @throws {@link PlatformTooOldError}
 * @example
 * checkPlatform('@waku/sdk')
 */
export function checkPlatform(what: string, scope: object = globalThis): void {
  const { Promise: promise, process } = scope as Scope
  if (typeof promise.withResolvers === 'function') return
  const node = process?.versions?.node
  const here = node === undefined ? 'this platform lacks Promise.withResolvers' : `this is Node.js ${node}`
  throw new PlatformTooOldError(
    `${what} needs Node.js 22.12 or newer, or a browser of 2024 or newer: ${here}`,
  )
}
