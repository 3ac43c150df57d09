import { thrownText } from './thrown-text.ts'

/**
 * Values to bytes and back. Any object with these two functions is one; both are synchronous, so that messages stay in
 * order.
 *
 * @example
 * ```ts
 * const text: Codec<string> = {
 *   encode: (value) => new TextEncoder().encode(value),
 *   decode: (bytes) => new TextDecoder('utf-8', { fatal: true }).decode(bytes),
 * }
 * ```
 */
export interface Codec<In, Out = In> {
  /** The bytes of a value. It may throw: `send` throws that. */
  encode(value: In): Uint8Array
  /** The value of bytes that a member sent, which may be anything. It throws where they are no value. */
  decode(bytes: Uint8Array): Out
}

/** One thing that is wrong with a value. */
export interface ValueIssue {
  readonly message: string
  /** Where, as `user.name` or `tags.0`; empty for the value as a whole. */
  readonly path: string
}

/**
 * A value that is none: `encode` throws it for the caller's, `decode` for a member's, which is then reported as
 * {@link UndecodableMessage}.
 */
export class InvalidValueError extends Error {
  override readonly name = 'InvalidValueError'
  readonly code = 'ERR_INVALID_VALUE'
  readonly issues: readonly ValueIssue[]

  constructor(message: string, options: ErrorOptions & { readonly issues?: readonly ValueIssue[] } = {}) {
    super(message, options)
    this.issues = options.issues ?? []
  }
}

/** Decodes; whatever is thrown comes as an {@link InvalidValueError}. */
export function decodeWith<Out>(codec: Pick<Codec<never, Out>, 'decode'>, bytes: Uint8Array): Out {
  try {
    return codec.decode(bytes)
  } catch (error) {
    if (error instanceof InvalidValueError) throw error
    throw new InvalidValueError(`the bytes are no value: ${thrownText(error)}`, { cause: error })
  }
}
