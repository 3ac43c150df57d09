import { createKeccak256, type Keccak256 } from '@reliable-channels/keccak'

/** Starts a Keccak-256 computation; {@link createKeccak256} unless something faster is at hand. */
export type HasherFactory = () => Keccak256

/** @internal */
export const defaultHasher: HasherFactory = createKeccak256
