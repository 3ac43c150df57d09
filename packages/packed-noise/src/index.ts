/**
 * Noise for js-libp2p whose packets hold all that was written in one turn of the event loop.
 *
 * @packageDocumentation
 */
export { type Noise, packedNoise } from './packed-noise.ts'
