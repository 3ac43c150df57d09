/**
 * Noise for js-libp2p whose packets hold all that was written in one turn of the event loop, and what else makes streams
 * of one request cheaper.
 *
 * @packageDocumentation
 */
export { noteProtocolsOnce } from './known-protocols.ts'
export { type Noise, packedNoise } from './packed-noise.ts'
export { type SilentLogger, silentLogger } from './silent-logger.ts'
