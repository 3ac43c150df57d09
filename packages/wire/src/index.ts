/**
 * Protocol Buffers' wire format for bytes that cannot be trusted, and the byte helpers that go with it.
 *
 * @packageDocumentation
 */
export { concat } from './core/concat.ts'
export { equalBytes } from './core/equal-bytes.ts'
export { hashBytesOf, hexOf, isHexOf, parseHex, writeHex } from './core/hex.ts'
export { MalformedBytes } from './core/malformed-bytes.ts'
export { readFields } from './core/read-fields.ts'
export { readText } from './core/read-text.ts'
export { decodeText, encodeText, isLonger } from './core/text.ts'
export { type Uint64, WireNumberError, highHalf, lowHalf, uint64Of } from './core/uint64.ts'
export { unshared } from './core/unshared.ts'
export { VarintReader } from './core/varint-reader.ts'
export { VarintWriter } from './core/varint-writer.ts'
export { WIRE, WireReader } from './core/wire-reader.ts'
export { WireWriter } from './core/wire-writer.ts'
export { writeText } from './core/write-text.ts'
