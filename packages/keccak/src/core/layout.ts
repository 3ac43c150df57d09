/** Bytes that one permutation absorbs: 1600 − 2 · 256 bits. */
export const RATE = 136

/** {@link RATE} in 64-bit lanes. */
export const RATE_LANES = 17

/** Where the kernel keeps the state of 25 lanes. */
export const STATE_ADDRESS = 0

/** Size of the state in bytes. */
export const STATE_BYTES = 200

/** Where the kernel reads blocks from. */
export const INPUT_ADDRESS = 1024

/** Blocks that the input area takes at once. */
export const INPUT_BLOCKS = 240

/** The lanes that the kernel holds complemented between rounds: with these six, a round negates least. */
export const COMPLEMENTED_LANES: readonly number[] = [1, 2, 8, 12, 17, 20]
