/**
 * Tuning of js-libp2p for many streams of one request: noise whose packets hold all that was written in one turn of the
 * event loop, protocols noted once a connection, no logger for each stream; and a word where the platform is too old.
 *
 * @packageDocumentation
 */
export { PlatformTooOldError, checkPlatform } from './check-platform.ts'
export { noteProtocolsOnce } from './known-protocols.ts'
export { type Noise, packedNoise } from './packed-noise.ts'
export { type SilentLogger, silentLogger } from './silent-logger.ts'
