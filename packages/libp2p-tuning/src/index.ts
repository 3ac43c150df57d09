/**
 * Tuning of js-libp2p for many streams of one request: noise whose packets hold all that was written in one turn of the
 * event loop, protocols noted once a connection, no logger for each stream; a word where the platform is too old, and an
 * end of the process where the platform holds it up.
 *
 * @packageDocumentation
 */
export { PlatformTooOldError, checkPlatform } from './check-platform.ts'
export { letProcessEnd } from './let-process-end.ts'
export { noteProtocolsOnce } from './known-protocols.ts'
export { type Noise, packedNoise } from './packed-noise.ts'
export { type SilentLogger, silentLogger } from './silent-logger.ts'
